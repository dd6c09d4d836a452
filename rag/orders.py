"""Wordings that tell a machine what to do, in English and Chinese, each with its weight. Patterns only.

They are for text in lower case with its lookalikes read as Latin, one sentence at a time.
"""

from __future__ import annotations

import re

_REPLY = r"(?:answers?|responses?|repl(?:y|ies)|outputs?|completions?|summar(?:y|ies)|messages?|texts?)"
_YOUR_REPLY = rf"your (?:\w+ )?{_REPLY}\b"
_ON = r"(?:[^.;!?]|[.!?](?=[\w\"”']))"  # within a sentence, and not past its end
_MACHINE = (
    r"(?:ai|a\.i\.|llms?|gpt(?:-?\d\w*)?|chatgpt|claude|gemini|copilot|chat ?bots?|(?:large )?language models?|"
    r"(?:ai|virtual|automated|digital|intelligent) (?:assistants?|agents?|models?|systems?))"
)
_CHINESE_MACHINE = (
    r"(?:ai|人工智能|(?:大|语言|大语言)模型|智能(?:助手|助理|体)|(?:聊天|对话|问答)?机器人|"
    r"chatgpt|gpt|(?:ai|智能)助[手理])"
)
_CHINESE_REPLY = r"(?:回答|回复|答复|回应|输出|总结|摘要|译文|回覆|回應|答覆|輸出|總結)"


def _sign(weight: float, *pattern: str) -> tuple[float, str]:
    return weight, "".join(pattern)


# What speaks for a machine as the reader, each with its weight. Of a text in lower case, lookalikes read as Latin.
SIGNS = (
    # Orders that came before are to be forgotten
    _sign(
        1.0,
        r"(?<!not )(?<!n't )(?<!never )(?<!to )\b(?:ignore|disregard|forget|override|bypass|discard|overlook)\b",
        r"[^.;!?]{0,30}?\b(?:previous|prior|above|earlier|preceding|former|system|original|initial|existing|your|",
        r"(?:all|any)(?: of)?(?: the| your| other)?|everything)\b",
        r"[^.;!?]{0,30}?\b(?:instruct(?:ions?|ed)|prompts?|directives?|commands?|guidelines|orders|rules|",
        r"(?:were|been|are) told)",
    ),
    _sign(
        0.6,
        r"\b(?:ignore|disregard|forget) (?:everything|all|anything|what(?:ever)?) (?:above|before|that came|you)",
    ),
    _sign(0.6, r"\b(?:new|updated|real|actual|important|special|hidden|secret) instructions?\s?[:：]"),
    _sign(
        0.6,
        r"\binstead(?:,|:)? (?:of (?:answering|responding|summari[sz]ing)|(?:respond|reply|answer|say|output)\b)",
    ),
    _sign(
        1.0,
        r"\b(?:earlier|previous|prior|old|above|original) (?:directions|instructions|orders|rules|prompts?|",
        r"tasks?)\b[^;!?]{0,40}",
        r"\b(?:no longer|(?:do|does) not) apply|\b(?:earlier|previous|prior|above|original) (?:directions|",
        r"instructions|orders|",
        r"rules|prompts?) (?:are|were|have been) (?:void|cancell?ed|revoked|obsolete|replaced|a test|wrong)",
    ),
    _sign(
        0.7,
        r"\b(?:text|everything|content|all) (?:above|before)\b[^.;!?]{0,20}\b(?:was|is) (?:only |just )?(?:a test|",
        r"fake|void)",
    ),
    _sign(0.8, r"\b(?:real|true|actual|new) (?:task|job|goal|objective|mission|question) is\b"),
    # A part to play
    _sign(1.0, rf"\byou are (?:now |no longer )?(?:an? |the )?(?:\w+ ){{0,2}}{_MACHINE}\b"),
    _sign(
        0.6,
        r"\byou are now\b|(?:^|[,;:] |\b(?:please|must|now) )pretend (?:to be|that you|you are)\b|^act as (?:an?|",
        r"if|the)\b",
    ),
    _sign(0.5, r"\bfrom now on,? you\b"),
    _sign(0.7, r"\b(?:developer|dan|jailbreak|god|unrestricted) mode\b"),
    # It is called by its name
    _sign(0.6, rf"\bas an? (?:\w+ )?(?:{_MACHINE}|assistant)\b,"),
    _sign(0.6, rf"\bas an? (?:\w+ )?{_MACHINE}\b,? (?:you|please|do|always|never|respond|answer)\b"),
    _sign(
        0.8,
        r"(?:^|\b(?:dear|attention|hello|hey|hi|note (?:to|for)|message (?:to|for)|for|to)(?: all| any|",
        r" the)?[: ]+)",
        rf"{_MACHINE}(?: (?:reading|processing|summari[sz]ing|analy[sz]ing|that reads|who reads)|\s?[:,!])",
    ),
    _sign(0.7, rf"\b(?:any|the|this|every) {_MACHINE} (?:reading|processing|summari[sz]ing|that reads)\b"),
    _sign(0.7, r"\bsystem (?:prompt\b|(?:instructions|prompts)\b(?! (?:the|you|for|a)\b))"),
    _sign(0.8, r"^(?:the |dear |hello,? )?(?:assistant|model|chatbot|bot)\s?[,:]"),
    _sign(
        0.9,
        rf"\b{_MACHINE} (?:reviewers?|readers?|models?|systems?|agents?|graders?|screeners?|recruiters?)\s?[:,]",
    ),
    _sign(
        1.0,
        r"^(?:system|developer|admin(?:istrator)?|root)\s?[:：].{0,40}\b(?:assistant|model|chatbot|you (?:are|",
        r"must|will))\b",
    ),
    _sign(
        0.7,
        r"\bthe (?:assistant|model|chatbot|ai) (?:must|should|shall|will|has to) (?:now|always|never|only|not)\b",
    ),
    # The one who asks is spoken of
    _sign(
        1.0,
        r"\b(?:do not|don't|never|without) (?:\w+ )?(?:tell|telling|inform|informing|mention|mentioning|reveal|",
        r"revealing|disclose|alert|alerting|notify|notifying)\b[^.;!?]{0,30}\b(?:the |any )?(?:users?|humans?|",
        r"asker)\b",
    ),
    _sign(
        0.6,
        r"(?:^|[,;:] |\b(?:please|and|then) )(?:tell|inform|convince|persuade|advise|urge) the (?:users?|",
        r"humans?)\b",
    ),
    _sign(0.6, r"\b(?:person|people|users?|humans?|one)s? (?:who|that) (?:is |are )?ask\w*"),
    _sign(0.5, r"\b(?:hide|conceal) (?:this|these|the)\b"),
    _sign(
        0.8,
        r"\b(?:conversation|chat|dialogue)(?: history| so far| above)?\b[^.;!?]{0,60}\b(?:url|link|image|query|",
        r"parameter|http)",
    ),
    _sign(
        1.0,
        r"\b(?:print|repeat|reveal|show|output|recite|leak|copy)\b[^.;!?]{0,40}\b(?:your (?:own )?(?:instructions|",
        r"prompt|rules|",
        r"configuration)|(?:initial|hidden|secret) prompt|(?:all )?(?:the )?passwords you)",
    ),
    _sign(
        1.0,
        r"\bdo not (?:cite|quote|consult|trust|rely on|use) (?:any|the) (?:other )?(?:sources?|documents?|",
        r"passages?)\b",
    ),
    _sign(
        0.8,
        r"\bother (?:documents|sources|passages|results) (?:are|is|were) (?:out of date|outdated|wrong|unreliable|",
        r"false|fake)",
    ),
    _sign(0.5, r"\b(?:tell|inform) (?:the )?readers?\b|\bask the users? for\b"),
    _sign(
        0.5,
        r"\b(?:rank|rate|score|give|grade) (?:this|the following) (?:candidate|applicant|paper|product|company|",
        r"document|",
        r"submission|r[eé]sum[eé]|cv)\b",
    ),
    # Answering is spoken of
    _sign(
        0.9,
        r"\b(?:answer|respond to|reply to) (?:every|each|all|any) (?:\w+ )?(?:questions?|quer(?:y|ies)|requests?|",
        r"messages?)\b",
    ),
    _sign(
        1.0,
        r"\b(?:whatever|no matter what|regardless of) (?:the question|(?:you are|is|was) asked|(?:the user|they|",
        r"anyone) asks?|you say)",
    ),
    _sign(
        1.0,
        r"\b(?:when|while|before|after|whenever|if) (?:you )?(?:summari[sz]\w+|answer(?:ing)?|respond(?:ing)?|",
        r"are asked|",
        r"translat\w+)\b[^.;!?,]{0,40},\s?(?:please |always |first )?(?:claim|say|state|ask|tell|add|mention|",
        r"include|write|",
        r"begin|use|give|call|recommend|pretend|insist|do not|never|output|reply|answer)\b",
    ),
    _sign(
        1.0,
        r"\b(?:end|begin|start|finish|write|close|open|sign) (?:every|each|all) (?:of your )?(?:sentence|reply|",
        r"response|answer|",
        r"line|paragraph)s? (?:with|as|in|by)\b",
    ),
    _sign(
        1.0,
        r"\b(?:respond|reply|answer|speak|write|talk) (?:only |always )?(?:in|like|as) (?:an? )?(?:pig latin|",
        r"pirate|rhymes?|",
        r"verse|haikus?|emojis?|base ?64|binary|morse|shakespeare\w*|all caps|klingon|leetspeak|reverse)",
    ),
    _sign(0.5, r"\bfrom here on\b"),
    # Its answer is shaped
    _sign(
        0.7,
        r"(?:^|[,;:.\"']\s?|\b(?:please|must|should|and|then|to|now) )",
        r"(?:add|include|append|insert|integrate|incorporate|embed|attach|put|place|mention|slip|weave|begin|",
        r"start|end|",
        r"finish|conclude|close|modify|change|alter|adjust|augment|enhance|extend|enrich|replace|substitute|",
        r"remove|",
        r"convert|render|rearrange|scramble|jumble|shuffle|reverse|group|combine|split|introduce|use|provide|give|",
        r"write|make|format|encode|encrypt|translate|misspell|anagram|mix|swap|capitali[sz]e|rewrite|present|",
        r"deliver|",
        r"craft|structure|limit|prefix|sign|state|recommend|suggest|promote|advertise|respond|frame|phrase|tailor|",
        r"switch|repeat|flip)\b",
        rf"{_ON}{{0,110}}?\b{_YOUR_REPLY}",
    ),
    _sign(0.7, rf"^(?:please )?in(?:to)? {_YOUR_REPLY},? (?:please )?(?!to\b)[a-z]+"),
    _sign(
        0.4,
        rf"^(?:please )?(?:modify|augment|enhance|integrate|enrich|alter|render|incorporate|embed) {_ON}{{0,110}}?",
        rf"{_YOUR_REPLY}",
    ),
    _sign(
        0.6,
        r"(?:^|[,;:] |\b(?:must|should|please) )(?:respond|reply|answer|output)(?: only| just| solely| back)",
    ),
    _sign(
        0.6,
        r"(?:^|[,;:] |\b(?:must|should|please) )(?:only|just|always|simply) (?:respond|reply|answer|",
        r"output) (?:with|in|using|as|the)\b",
    ),
    _sign(0.5, r"(?:^|[,;:] |\b(?:must|should|please) )(?:respond|reply|answer) (?:in|with|using|as)\b"),
    # What people seldom write to each other in documents
    _sign(
        1.0,
        r"^(?:please )?(?:write|compose|draft|create|generate|develop|provide|give me|tell me) (?:me )?(?:an? )",
        r"(?:\w+ ){0,2}(?:poem|haiku|story|essay|speech|song|joke|limerick|introduction for an essay|",
        r"letter to a)\b",
    ),
    _sign(
        1.0,
        r"^(?:please )?translate (?:the following|this|these) (?:\w+ )?(?:sentences?|texts?|words?|phrases?)\b",
    ),
    # Leftovers of templates, hidden text, orders to decode
    _sign(
        1.0,
        r"<\|[a-z_]{2,30}\|>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|^\s*</?(?:system|instructions?|",
        r"assistant)>|",
        r"^\s*#{2,} ?(?:system|instructions?|assistant|human) ?:|",
        r"\b(?:begin|end|start) (?:of )?(?:system|hidden|secret|new) (?:prompt|instructions?)",
    ),
    # Chinese: orders to be forgotten, a part to play
    _sign(
        1.0,
        r"(?<!不要)(?<!请勿)(?<!切勿)(?<!不可)(?<!不能)(?<!不应)(?<!不得)(?:忽略|无视|忘记|忘掉|忘了|抛开|跳过|",
        r"放弃|丢弃|覆盖|绕过|",
        r"不要(?:理会|管|遵守|执行)|忽視|無視|忘記)[^。！？；]{0,6}?(?:以上|上述|上面|之前|先前|此前|前面|所有|",
        r"一切|任何|原有|原来|",
        r"系统|你的|您的|系統|你收到)[^。！？；]{0,8}?(?:指令|指示|提示|命令|规则|设定|约束|规则|限制|規則)",
    ),
    _sign(
        0.6,
        r"(?:忽略|无视|忘记|忘掉|忽視|無視|忘記)(?:掉)?(?:以上|上述|上面|之前|先前|此前|前面)(?!邮件|短信|通知)",
    ),
    _sign(0.6, r"(?:新的?|真正的?|最新的?|隐藏的?)(?:系统)?(?:指令|指示|提示词)"),
    _sign(
        1.0,
        r"(?<!如果)(?<!无论)(?<!不论)(?<!若)(?:你|您)(?:现在|从?现在起|将|已经)?(?:就|不再)?(?:是|扮演|变成|",
        r"成为)(?:一[个名位])?",
        rf"[^。！？，对]{{0,8}}{_CHINESE_MACHINE}(?=[,，。！!；:：]|$|且|并)",
    ),
    _sign(0.7, r"(?:你|您)现在(?:是|将|扮演)|从现在(?:起|开始)[,，]?(?:你|您)|开发者模式"),
    _sign(1.0, r"(?:请你?|你要|你将|你必须)(?:扮演|假装|充当)|假装你是"),
    _sign(
        1.0,
        r"(?:以上|上面|上述|前面|之前)的?(?:内容|文字|指令|要求|规则|提示)?(?:都|全部|已经?|",
        r"均)*(?:是(?:个)?(?:测试|假的)|作废|不再有效|失效)",
    ),
    _sign(
        0.8,
        r"(?:真正|实际|真实|新)的?(?:任务|目标|使命)(?:是|为|[:：])|(?:停止|终止|放弃)(?:当前|现在|目前|",
        r"手头)的?(?:任务|工作|对话)",
    ),
    _sign(0.9, r"(?:你|您)的(?:身份|角色|任务)(?:已|现在|是|改|变|从)"),
    # Chinese: it is called by its name
    _sign(
        0.6,
        rf"作为(?:一[个名款])?(?:[^。，]{{0,4}}的)?{_CHINESE_MACHINE}[,，]?(?:请|你|您|必须|务必|应当|不要)",
    ),
    _sign(0.4, rf"作为(?:一[个名款])?(?:[^。，]{{0,4}}的)?{_CHINESE_MACHINE}"),
    _sign(
        1.0,
        rf"(?:^|致|写给)(?:所有|各位|任何|正在)?(?:正在)?(?:阅读[^。，]{{0,8}}的)?{_CHINESE_MACHINE}(?:[,，:：!！]|",
        r"请|注意|必须)|",
        rf"(?:阅读|处理|总结)[^。，]{{0,8}}的{_CHINESE_MACHINE}",
    ),
    _sign(
        1.0,
        rf"(?:亲爱的|尊敬的|你好[,，]?){_CHINESE_MACHINE}|{_CHINESE_MACHINE}(?:审稿人|评委|阅卷人|读者|系统|代理|",
        r"面试官)[:：,，]",
    ),
    _sign(1.0, rf"(?:系统|管理员|开发者|官方)[:：][^。]{{0,6}}(?:助手|你|模型|{_CHINESE_MACHINE})"),
    _sign(0.8, r"(?<!设置)助手(?:现在)?(?:必须|务必|只能|不得)"),
    _sign(0.7, r"系统(?:提示词?|指令)|系統提示"),
    # Chinese: the one who asks, and what is said to them
    _sign(
        1.0,
        r"(?:不要|请勿|别|切勿|不得|禁止|千万别|无需|不必)[^。！？，]{0,4}(?:告诉|告知|透露|提及|提醒|通知|",
        r"让)[^。！？，]{0,4}",
        r"(?:用户|提问者|提問者|人类|用戶)",
    ),
    _sign(1.0, r"(?:不要|请勿|别|切勿|禁止)(?:向|对|跟)(?:提问者|提問者|人类|用户|用戶)(?:提及|提到|透露|说|提起)"),
    _sign(
        1.0,
        r"(?:不要|请勿|别|切勿|勿|不能)[^。，]{0,4}(?:让|被)(?:提问的人|提问者|询问者|用户|",
        r"读者)[^。，]{0,4}(?:看到|知道|发现|察觉)",
    ),
    _sign(0.8, r"(?:对话|聊天)(?:记录|内容|历史)?[^。]{0,20}(?:网址|链接|url|图片)"),
    _sign(
        0.8,
        r"(?:其他|别的|其余|另外)的?(?:文件|文档|来源|资料|段落)(?:都|均|全)?已?(?:过期|过时|错误|不可信|作废|",
        r"有误)",
    ),
    _sign(0.9, r"(?:不要|请勿|别|不得|禁止)引用(?:任何|其他|别的|其余)"),
    _sign(0.7, r"(?:你|您)(?:所|刚才|之前)?(?:收到|得到|看到|遵循)的(?:所有|全部)?(?:指令|提示|密码|消息|规则)"),
    # Chinese: answering is spoken of
    _sign(1.0, r"(?:无论|不管|不论)[^。，]{0,4}(?:问|提|说)[^。，]{0,6}[，,]?(?:都|一律|只)(?:回答|说|回复|答)"),
    _sign(0.8, r"(?:无论|不管|不论)(?:用户|对方|别人|有人|谁)?[^。，]{0,4}(?:问|提|说)(?:什么|任何|哪|了什么|起)"),
    _sign(
        0.8,
        r"(?:总结|概括|翻译|回答|概述|介绍)(?:本页|本文|此文|这篇文章|该文|文档|问题)?(?:时|之前|前|后|",
        r"之后)[,，]?(?:请|先|必须|都|要|务必|一定)",
    ),
    _sign(
        1.0,
        r"(?:一直|始终|全程|之后|接下来|从此)[^。]{0,6}(?:用|以)[^。]{1,10}(?:说话|作答|回答|交流|回复|对话)",
    ),
    _sign(
        0.9,
        r"每一?(?:句|段|条|个)(?:话|回答|回复|句子)?[^。]{0,4}(?:以|用|加上)[^。]{0,20}(?:结尾|开头|结束|收尾)",
    ),
    _sign(
        1.0,
        r"(?:把|将)(?:你的)?答案[^。]{0,10}(?:[换改写译]成|替换|编码|倒|隐藏)|答案的?(?:开头|末尾|结尾|",
        r"最后)[^。]{0,4}(?:写|加|附|插)",
    ),
    _sign(0.7, r"用(?:英|法|日|德|韩|俄|西班牙|拉丁)[语文][^。]{0,6}(?:作答|回答|回复|答复)"),
    _sign(0.7, r"(?:整个|整段|全部|完整)的?(?:回答|回复|答复|输出)"),
    _sign(0.6, r"(?:告诉|告知|说服|劝|引导|诱导|建议|提醒)(?:用户|提问者|读者)"),
    _sign(0.7, rf"(?:你|您)的?(?:每[次个]|所有|最终|全部)?的?{_CHINESE_REPLY}|每[次个条](?:回答|回复|答复|输出)"),
    _sign(0.6, r"(?:回答|答复|总结)(?:问题|提问|内容)?(?:时|的时候|之后|后)"),
    _sign(
        0.7,
        rf"(?:在|于)(?:每[次个条]|所有|最终)?(?:的)?{_CHINESE_REPLY}(?:的)?(?:末尾|结尾|最后|开头|前面|后面|中|里|",
        r"之前|之后|时)",
    ),
    _sign(
        0.7,
        r"(?:用(?!于)[^。！？，、]{1,8}|以[^。！？，、]{1,8}的(?:方式|形式|口吻|语气|身份))(?:来)?(?:回答|回复|",
        r"答复|输出|回应)(?!了|过|的)",
    ),
    _sign(0.7, rf"(?:^|[,，；]|请|你|务必|必须)(?:只|仅)(?:需|能|要|允许|可以|许)?(?:{_CHINESE_REPLY}|返回)"),
    _sign(0.7, rf"(?:把|将)(?:你的|您的|所有|全部|整个)?{_CHINESE_REPLY}"),
    _sign(
        1.0,
        r"^(?:请)?(?:帮我|给我|为我)?(?:写|创作|作|讲|编)(?:一[首篇个则段封]|个|首|篇)[^。，]{0,12}(?:诗|故事|",
        r"小说|作文|笑话|演讲稿)",
    ),
    _sign(
        1.0,
        r"^(?:请)?(?:帮我|给我|为我)?(?:把|将)(?:下面|以下|这)[^。，]{0,4}[句段话][^。，]{0,4}(?:翻译|译)[成为]",
    ),
)
# What adds to such a sign, and is none by itself.
MORE = (
    _sign(
        0.4,
        r"\b(?:letters?|vowels?|consonants?|spaces|punctuation|typos?|misspell\w*|anagram\w*|alphanumeric|",
        r"substitut\w+|homophon\w+|symbols?|scrambl\w+|jumbl\w+|emojis?|cipher|base ?\d\d|hex(?:adecimal)?|binary|",
        r"morse|",
        r"rot-?13|pig latin|rhym\w+|uppercase|lowercase|all caps|backwards?|reversed?|encod\w+|encrypt\w+|",
        r"every (?:\w+ )?(?:word|letter)|(?:a|one|each|another) (?:\w+ )?(?:word|sentence|line|headline|",
        r"paragraph)|",
        r"translat\w+|another language|language other|french|spanish|german|numbers|words)\b",
    ),
    _sign(0.3, r"\b(?:users?|readers?|visitors?|people|customers?)\b|\bin the comments\b|\bfeedback\b"),
    _sign(
        0.4,
        r"\b(?:advertis\w+|promot\w+|donat\w+|vote|download|click|subscribe|sensational|scandal|shocking|virus|",
        r"fake|",
        r"limited[- ]time|giveaway|reminder|recommendation|appeal|announcement|emphasi[sz]ing|encouraging|",
        r"inviting|",
        r"highlight(?:ing)?|claim|credit card|passwords?|positive|first|gratitude|discount|investment|tip|safety|",
        r"statement|headline)\b",
    ),
    _sign(0.4, r"\b[\w-]+\.(?:com|net|org|xyz|info|io|cn|ru|top)\b|@[\w-]+\.[a-z]|https?:"),
    _sign(0.4, r"[\"“'][^\"”]{3,120}[\"”']"),
    _sign(0.4, r"\b(?:nothing else|no other|the (?:word|phrase|text|string|sentence|following)\b|json|exactly)\b"),
    _sign(0.4, r"\b(?:reveal|print|repeat|show|output|leak|display|disclose|recite|never)\b"),
    _sign(0.2, r"请|必须|务必|一定|应当|需要|不得|都要|一律"),
    _sign(
        0.4,
        r"加上|添加|附上|插入|写上|加入|包含|提到|推荐|邀请|宣传|[换改写译变]成|改为|替换|翻译|倒序|转换|补充|",
        r"融入|删除|去掉|打乱|表达|强调",
    ),
    _sign(
        0.4,
        r"表情|拼音|倒[序过着]|谐音|错别字|密码|诗|文言文|摩斯|编码|[英法日德]语|英文|首字母|数字|网址|网站|链接|",
        r"下载",
    ),
    _sign(
        0.4,
        r"声称|索要|银行卡|代替|逐字|一字不[差漏]|原样|透露|打印|复述|重复|泄露|显示|说出|列出|",
        r"[“\"「『][^”\"」』]{1,40}[”\"」』]",
    ),
)
# A sentence without any of these has no sign: most of them, so that the patterns are tried on few.
MAY_BE_ONE = re.compile(
    r"your|you (?:are|say)|ignore|disregard|forget|override|bypass|discard|overlook|instruct|instead|"
    r"from (?:now|here) on|pretend|act as|mode\b|\bais?\b|"
    r"\ba\.i\.|llm|gpt|claude|gemini|copilot|chat|model|assistant|\bbot\b|system|"
    r"developer|admin|\broot\s?[:：]|users?\b|humans?\b|asker|ask|readers|respond|reply|answer|output|compose|draft|write|create|"
    r"generate|develop|provide|give me|tell me|translat|<|\[|##|(?:begin|end|start) |hide|conceal|print|repeat|"
    r"reveal|show|recite|leak|copy|cite|quote|sources|"
    r"documents|whatever|regardless|summar|every|each|all |speak|talk|task|\bgoal|"
    r"agent|rank|rate|score|grade|"
    r"忽略|无视|忘|抛开|跳过|放弃|丢弃|覆盖|绕过|不要|忽視|無視|指令|指示|提示|你|您|扮演|充当|从现在|开发者|作为|模型|人工智能|助手|机器人|"
    r"助理|系统|系統|管理员|官方|勿|别|不得|禁止|无需|不必|不能|用户|提问|读者|人类|回答|回复|答复|回应|输出|总结|摘要|译文|返回|回覆|"
    r"回應|答覆|輸出|總結|写|讲|编|创作|把|将|作废|失效|测试|任务|任務|使命|目标|身份|对话|聊天|其他|其余|引用|无论|不管|不论|概括|翻译|"
    r"概述|介绍|说话|作答|交流|答案|每|停止|终止"
)
