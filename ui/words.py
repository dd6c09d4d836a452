"""What the page says, in English and in Chinese. Knows nothing of where it is said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    code: str  # of the lang attribute
    # asking
    ask: str
    ask_placeholder: str
    welcome: str
    welcome_more: str
    try_one: str
    examples: tuple[str, ...]
    empty_library: str
    empty_library_more: str
    go_to_documents: str
    retrieving: str
    answering: str
    checking: str
    retrying: str
    stop: str
    stopped: str
    ask_again: str
    new_questions: str
    forget: str
    forget_more: str
    forget_yes: str
    searched_for: str
    # which documents
    filters: str
    filter_any: str
    filter_sources: str
    filter_types: str
    filter_languages: str
    filter_tags: str
    filter_after: str
    filter_before: str
    filtered_by: str
    # an answer
    footnotes: str
    verified: str
    unsupported: str
    uncited: str
    short_answer: str
    disagree: str
    instructions: str
    refused: str
    nearest: str
    passages: str  # {count}
    sure: str
    fairly_sure: str
    unsure: str
    partly_supported: str
    confidence_help: str  # {percent}
    copy: str
    copied: str
    page: str  # {page}
    took: str  # {seconds}
    took_milliseconds: str  # {milliseconds}
    comma: str
    colon: str
    # the source panel
    source: str
    close: str
    earlier_text: str
    later_text: str
    previous_page: str
    next_page: str
    as_text: str
    as_page: str
    page_of: str  # {page} {pages}
    gone: str
    gone_hint: str
    no_picture: str
    version: str  # {version}
    # documents
    documents: str
    documents_more: str  # {documents} {chunks}
    filter: str
    nothing_matches: str  # {query}
    no_documents: str
    no_documents_more: str
    add: str
    choose_files: str
    drop_files: str
    upload: str  # {count}
    title: str
    file: str
    language: str
    pages: str
    chunks: str
    added: str
    also_at: str
    open: str
    remove: str
    remove_sure: str  # {title}
    remove_more: str
    remove_yes: str
    cancel: str
    removed: str  # {title}
    # jobs
    job_queued: str
    job_running: str  # {done} {sources}
    job_reading: str  # {file}
    job_done: str  # {seconds}
    job_failed: str
    job_cancelled: str
    outcome: str
    detail: str
    indexed: str
    unchanged: str
    duplicate: str
    duplicate_of: str
    skipped: str
    failed: str
    adds_up: str  # {discovered}
    dismiss: str
    worker_idle: str
    # collections
    collection: str
    new_collection: str
    new_collection_help: str
    create: str
    # errors
    api_down: str
    api_down_more: str  # {address}
    api_down_hint: str
    try_again: str
    went_wrong: str
    what_to_do: str


ENGLISH = Words(
    code="en",
    ask="Ask",
    ask_placeholder="Ask a question of your documents…",
    welcome="What would you like to know?",
    welcome_more="Answers come from your own documents. Each sentence has a footnote that opens its source.",
    try_one="For example",
    examples=(
        "How do I take a backup?",
        "Which encodings may plain text be in?",
        "When is a citation unsupported?",
        "一个任务尝试几次之后会失败？",
    ),
    empty_library="There are no documents here yet",
    empty_library_more="Add some files, and then ask about them.",
    go_to_documents="Add documents",
    retrieving="Searching the documents…",
    answering="Writing…",
    checking="Checking each sentence…",
    retrying="Writing again what no source says…",
    stop="Stop",
    stopped="Stopped.",
    ask_again="Ask again",
    new_questions="New questions",
    forget="Delete these",
    forget_more="The questions on this page and their answers are kept on the server. There is no way back.",
    forget_yes="Delete them for good",
    searched_for="Searched for",
    filters="Which documents",
    filter_any="any",
    filter_sources="Folders",
    filter_types="Types",
    filter_languages="Languages",
    filter_tags="Tags",
    filter_after="From",
    filter_before="Up to",
    filtered_by="Asked only of",
    footnotes="Footnotes",
    verified="The quoted words support this sentence",
    unsupported="The quoted words do not clearly support this sentence",
    uncited="No source was found for this sentence",
    short_answer="Short answer",
    disagree="The sources disagree",
    instructions="Holds text that gives instructions to a machine. They were not followed.",
    refused="Not answered",
    nearest="The nearest passages",
    passages="Passages looked at ({count})",
    sure="Well supported",
    fairly_sure="Fairly well supported",
    unsure="Weakly supported",
    partly_supported="Partly supported",
    confidence_help="Estimated chance that the documents hold the answer: {percent}%",
    copy="Copy",
    copied="Copied",
    page="p. {page}",
    took="{seconds} s",
    took_milliseconds="{milliseconds} ms",
    comma=", ",
    colon=": ",
    source="Source",
    close="Close",
    earlier_text="Show what comes before",
    later_text="Show what comes after",
    previous_page="Previous page",
    next_page="Next page",
    as_text="Text",
    as_page="Page",
    page_of="Page {page} of {pages}",
    gone="This document is no longer here",
    gone_hint="It was removed or replaced after the answer was given. Ask again to see what the documents say now.",
    no_picture="The page cannot be shown as a picture; here is its text.",
    version="version {version}",
    documents="Documents",
    documents_more="Documents: {documents} · passages: {chunks}",
    filter="Filter by title or file name",
    nothing_matches="Nothing matches “{query}”.",
    no_documents="No documents yet",
    no_documents_more="Drop files above. Text, Markdown, HTML and PDF are read; Chinese and English.",
    add="Add documents",
    choose_files="Choose files",
    drop_files="or drop them here. A report says what became of each.",
    upload="Add {count}",
    title="Title",
    file="File",
    language="Language",
    pages="Pages",
    chunks="Passages",
    added="Added",
    also_at="Also at",
    open="Open",
    remove="Remove",
    remove_sure="Remove “{title}”?",
    remove_more="It will not be found or cited again. The original file is not touched where it came from.",
    remove_yes="Remove it",
    cancel="Cancel",
    removed="Removed “{title}”.",
    job_queued="Waiting for the ingest worker…",
    job_running="Reading: {done} of {sources}",
    job_reading="Now: {file}",
    job_done="Done in {seconds} s",
    job_failed="The job failed",
    job_cancelled="Cancelled",
    outcome="Outcome",
    detail="Detail",
    indexed="Added",
    unchanged="Unchanged",
    duplicate="Duplicate",
    duplicate_of="the same as {title}",
    skipped="Skipped",
    failed="Failed",
    adds_up="{discovered} files found",
    dismiss="Dismiss",
    worker_idle="No worker has taken this job yet. Is “footnote worker” running? (“footnote up” starts it.)",
    collection="Collection",
    new_collection="New collection",
    new_collection_help="Lower-case letters, digits, - and _",
    create="Create",
    api_down="Footnote's API does not answer",
    api_down_more="Nothing answers at {address}.",
    api_down_hint="Start everything with “footnote up”, or the API alone with “footnote serve”. "
    "The reason it stopped stands in data/logs/api.log.",
    try_again="Try again",
    went_wrong="Something went wrong",
    what_to_do="What to do",
)

CHINESE = Words(
    code="zh-Hans",
    ask="提问",
    ask_placeholder="向您的文档提问……",
    welcome="想了解什么？",
    welcome_more="答案只取自您自己的文档。每句话都带脚注，点开即可看到原文所在的那一行。",
    try_one="试着问问",
    examples=(
        "怎样备份？",
        "纯文本可以用哪些编码？",
        "引用的页码是怎样得出的？",
        "What happens when a job crashes?",
    ),
    empty_library="这里还没有文档",
    empty_library_more="先添加一些文件，再来提问。",
    go_to_documents="添加文档",
    retrieving="正在检索文档……",
    answering="正在作答……",
    checking="正在逐句核对……",
    retrying="有的句子没有出处，正在重写……",
    stop="停止",
    stopped="已停止。",
    ask_again="重新提问",
    new_questions="新的提问",
    forget="删除这些问答",
    forget_more="本页的提问和回答保存在服务器上。删除后无法恢复。",
    forget_yes="永久删除",
    searched_for="检索时理解为",
    filters="限定文档",
    filter_any="不限",
    filter_sources="文件夹",
    filter_types="类型",
    filter_languages="语言",
    filter_tags="标签",
    filter_after="起始日期",
    filter_before="截止日期",
    filtered_by="仅在以下范围内提问",
    footnotes="脚注",
    verified="所引原文支持这句话",
    unsupported="所引原文未能明确支持这句话",
    uncited="没有找到这句话的出处",
    short_answer="简短回答",
    disagree="资料说法不一",
    instructions="其中有写给机器的指令，未予执行。",
    refused="未作答",
    nearest="最接近的段落",
    passages="查阅过的段落（{count}）",
    sure="依据充分",
    fairly_sure="依据较充分",
    unsure="依据较弱",
    partly_supported="部分有依据",
    confidence_help="文档中含有答案的估计概率：{percent}%",
    copy="复制",
    copied="已复制",
    page="第 {page} 页",
    took="{seconds} 秒",
    took_milliseconds="{milliseconds} 毫秒",
    comma="，",
    colon="：",
    source="原文",
    close="关闭",
    earlier_text="显示前文",
    later_text="显示后文",
    previous_page="上一页",
    next_page="下一页",
    as_text="文字",
    as_page="页面",
    page_of="第 {page} 页，共 {pages} 页",
    gone="该文档已不在库中",
    gone_hint="它在作答之后被移除或替换了。请重新提问，以查看文档现在的内容。",
    no_picture="该页无法以图片显示，以下是其文字。",
    version="第 {version} 版",
    documents="文档",
    documents_more="{documents} 份文档，{chunks} 个段落",
    filter="按标题或文件名筛选",
    nothing_matches="没有与“{query}”匹配的文档。",
    no_documents="还没有文档",
    no_documents_more="把文件拖到上方即可。可读取文本、Markdown、HTML 和 PDF，中英文皆可。",
    add="添加文档",
    choose_files="选择文件",
    drop_files="或拖放到此处。每个文件的处理结果都会逐行列出。",
    upload="添加 {count} 个文件",
    title="标题",
    file="文件",
    language="语言",
    pages="页数",
    chunks="段落",
    added="添加时间",
    also_at="另见",
    open="打开",
    remove="移除",
    remove_sure="移除“{title}”？",
    remove_more="移除后将不再被检索或引用。来源处的原始文件不受影响。",
    remove_yes="确认移除",
    cancel="取消",
    removed="已移除“{title}”。",
    job_queued="等待处理……",
    job_running="正在读取：{done} / {sources}",
    job_reading="当前文件：{file}",
    job_done="完成，用时 {seconds} 秒",
    job_failed="任务失败",
    job_cancelled="已取消",
    outcome="结果",
    detail="说明",
    indexed="已添加",
    unchanged="未变化",
    duplicate="重复",
    duplicate_of="与 {title} 相同",
    skipped="已跳过",
    failed="失败",
    adds_up="共 {discovered} 个文件",
    dismiss="收起",
    worker_idle="尚无导入进程接手此任务。“footnote worker”是否在运行？（“footnote up”会启动它。）",
    collection="文档集",
    new_collection="新建文档集",
    new_collection_help="小写字母、数字、- 和 _",
    create="创建",
    api_down="Footnote 的 API 没有响应",
    api_down_more="{address} 没有应答。",
    api_down_hint="用“footnote up”启动全部服务，或用“footnote serve”单独启动 API。停止原因见 data/logs/api.log。",
    try_again="重试",
    went_wrong="出错了",
    what_to_do="处理办法",
)

LANGUAGES = {"English": ENGLISH, "中文": CHINESE}


def language_for(locale: str | None) -> str:
    """Return the name, in LANGUAGES, of the interface language for a browser's locale such as zh-CN."""
    return "中文" if (locale or "").lower().startswith("zh") else "English"
