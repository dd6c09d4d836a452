// Keeps the newest question at the top of the page while its answer grows below, until the reader does anything.
let stopBefore = () => {};

export default function ({ data, parentElement }) {
  if (parentElement.followed === data.turn) return;
  parentElement.followed = data.turn; // the renderer is called again on every run of the page
  stopBefore();
  const page = document.querySelector(".stMainBlockContainer");
  const show = () => Array.from(document.querySelectorAll(".fn-question")).at(-1)?.scrollIntoView({ block: "start" });
  const observer = new ResizeObserver(show);
  const signs = ["wheel", "touchstart", "pointerdown", "keydown"];
  const stop = () => {
    observer.disconnect();
    for (const sign of signs) document.removeEventListener(sign, stop, true);
  };
  for (const sign of signs) document.addEventListener(sign, stop, true);
  if (page) observer.observe(page);
  stopBefore = stop;
  show();
}
