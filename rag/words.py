"""Word lists: what holds a sentence together and says nothing of what it is about. Data only."""

from __future__ import annotations

# Words that make a question a question, or join the others: no evidence of what it is about.
CHINESE_STOP_WORDS = frozenset(
    "的 地 得 了 着 过 在 是 有 和 与 及 或 而 但 并 且 就 都 也 还 又 很 更 最 太 被 把 将 给 对 对于 关于 由 由于 从 "
    "自 到 向 往 于 以 以及 为 为了 因 因为 所以 如果 若 则 虽然 但是 然而 不过 而且 并且 或者 还是 这 那 这个 那个 "
    "这些 那些 这里 那里 此 该 其 它 它们 他 她 他们 她们 我 你 您 我们 你们 自己 本 某 每 各 之 所 者 等 等等 中 里 "
    "内 上 下 时 后 前 之后 之前 之间 其中 当 当时 时候 什么 啥 啥时候 哪 哪个 哪些 哪里 哪儿 哪年 哪月 哪年哪月 哪位 "
    "哪种 哪一 谁 何 何时 何地 何种 为何 为什么 怎么 怎样 怎么样 如何 多少 几 几个 多久 多长 多大 多 吗 呢 吧 啊 呀 嘛 "
    "么 请 请问 到底 究竟 大概 大约 一般 通常 主要 分别 可以 能 能够 会 要 应 应该 应当 需要 需 想 用 用来 用于 使用 "
    "采用 进行 做 作 作为 成为 称为 称 叫 叫做 指 是指 说 提到 提及 包括 包含 属于 具有 拥有 存在 发生 出 出来 来 去 "
    "让 使 使得 令 一 一个 一种 一些 两 个 种 次 名 位 不 没 没有 不是 是否 有没有 已 已经 正 正在 曾 曾经 只 仅 才 再 "
    "跟 比 按 按照 根据 通过 经过 随着 除了 之一 本文 文中 文章 文档 资料 介绍 说法 综合 "
    "意思 含义 定义 所谓 具体".split()
)
# What only makes a question: left out of the search. The others are left out of judging evidence alone, since they tell
# one phrase from another.
ENGLISH_QUESTION_WORDS = frozenset(
    "what who whom whose which when where why how much many type kind name do does did is are was were be been the a "
    "an of in to for and by on with that this it as at from".split()
)
ENGLISH_STOP_WORDS = ENGLISH_QUESTION_WORDS | frozenset(
    "i you we they he she my your our can could should would have has had if or not there then".split()
)

# Full stops after these do not end a sentence.
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st jr sr vs etc e.g i.e cf al fig figs no nos vol ch sec eq ed eds inc ltd co corp dept univ "
    "approx jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k a.m p.m ph.d gen col lt sgt rev hon pp p".split()
)

# What tells one language of the Latin script from another.
FUNCTION_WORDS = {
    "en": frozenset(
        "the of and to in is that for was with what who when where which how why are does did it this from by".split()
    ),
    "de": frozenset(
        "der die das und ist von den mit nicht ein eine zu für auf dem wie wer wann im des sich auch werden".split()
    ),
    "fr": frozenset(
        "le la les et est des une dans que qui pour pas sur du au aux avec quel quand comment ce sont par".split()
    ),
    "es": frozenset(
        "el la los las y es de en que por para con una del qué cómo cuándo quién se como más son al".split()
    ),
    "it": frozenset("il lo gli e è di che per una della nel con sono come chi quando non del alla più".split()),
    "pt": frozenset("o os e é de que para uma em com não do da dos das como quem quando por mais são".split()),
    "nl": frozenset("de het een en van is dat op te met voor niet zijn wie wat hoe aan door ook".split()),
}
