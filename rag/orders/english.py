"""English wordings that tell a machine what to do, each with its weight. Patterns only, for text in lower case."""

from __future__ import annotations

_REPLY = r"(?:answers?|responses?|repl(?:y|ies)|outputs?|completions?|summar(?:y|ies)|messages?|texts?)"
_YOUR_REPLY = rf"your (?:\w+ )?{_REPLY}\b"
_ON = r"(?:[^.;!?]|[.!?](?=[\w\"”']))"  # within a sentence, and not past its end
_MACHINE = (
    r"(?:ai|a\.i\.|llms?|gpt(?:-?\d\w*)?|chatgpt|claude|gemini|copilot|chat ?bots?|(?:large )?language models?|"
    r"(?:ai|virtual|automated|digital|intelligent) (?:assistants?|agents?|models?|systems?))"
)


def _sign(weight: float, *pattern: str) -> tuple[float, str]:
    return weight, "".join(pattern)


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
    # It is spoken to, or of, in other ways
    _sign(
        0.5,
        r"(?:^|[.:] ?)(?:to|attention,?|dear|hey|note to) (?:the |any |all )?(?:automated )?",
        r"(?:\w+ )?(?:systems?|tools?|assistants?|bots?|programs?|software|machines?|agents?|algorithms?)\b",
    ),
    _sign(
        0.5,
        r"\bautomated \w+ (?:tools?|systems?|software)\b|\bthe model (?:must|should|",
        r"has to|finishes|writes|says|ends)\b",
    ),
    _sign(0.9, r"\bwho(?:so)?ever is (?:answering|reading|processing|summari[sz]ing)\b"),
    _sign(
        0.9,
        r"\b(?:you|it) (?:must |should |can |may )?(?:never|not) (?:reveal|mention|disclose|admit)\b",
        r"|\b(?:that )?this (?:paragraph|text|message|note|instruction) exists\b",
    ),
    _sign(
        0.8, r"\b(?:what|everything|anything|all|whatever) (?:that )?you (?:write|say|output|answer|generate|produce)\b"
    ),
    _sign(
        0.9, r"\byour (?:next|first|final|last|entire|whole) (?:message|answer|reply|response|output|sentence|word)\b"
    ),
    _sign(
        1.0,
        r"(?:^|[,;:] |\bplease )(?:begin|start|end|finish|open|close|conclude) (?:the|your|each|every|all) ",
        r"(?:answer|reply|response|summary)s?\b",
    ),
    _sign(1.0, r"\b(?:all|every|each) (?:answers?|repl(?:y|ies)|responses?) (?:is|are|must|has to|have to|should) "),
    _sign(
        1.0,
        r"\b(?:treat|regard|interpret|consider|take) [^.;!?]{0,40} as (?:a |",
        r"an )?(?:\w+ )?(?:commands?|instructions?|orders?)\b",
    ),
    _sign(0.9, r"\b(?:new|extra|updated) (?:rules?|orders?|commands?|directives?|polic(?:y|ies)) ?[:：]"),
    _sign(
        1.0,
        r"^(?:please |kindly |now )?(?:output|print|reveal|respond with|reply with|send|list|tell me) (?:\w+ ){0,4}",
        r"(?:passwords?|credentials|environment variables?|api keys?|secrets?)\b",
    ),
    _sign(
        1.0,
        r"\b(?:forget|drop|leave) (?:about )?(?:the|these|all|your) (?:documents?|passages?|context|question|task)\b",
        r"|\bskip the rest of (?:this|the) (?:document|page|text|file|passage)",
    ),
    _sign(
        0.9,
        r"\b(?:ignore|disregard|leave out|discard|skip|",
        r"omit) [^.;!?]{0,30}\bother (?:pages?|documents?|sources?|passages?)\b",
    ),
    _sign(0.7, r"^act like (?:an?|the)\b"),
    _sign(
        1.0,
        r"\bif (?:anyone|anybody|someone|somebody|they|the user|a user|people) asks?\b[^.;!?]{0,40},? ?",
        r"(?:just |always |please )?(?:say|claim|reply|answer|respond|state|insist|pretend)\b",
    ),
    _sign(0.9, r"\b(?:let|make|have) the (?:customer|user|reader)s? (?:believe|think)\b"),
    _sign(
        0.8,
        r"\buse (?:the|your) (?:\w+ )?(?:tool|browser|function|plugin)s? to (?:open|call|send|visit|fetch|request)\b",
    ),
    _sign(
        1.0,
        r"(?:^|[,;:] |\bplease |\bkindly )(?:summari[sz]e|describe|rate|rank|mark|classify|label|judge) this (?:\w+ )?",
        r"(?:page|document|text|application|paper|candidate|file|article|submission) as\b",
    ),
    _sign(
        0.6, r"(?:^|[,;:] |\b(?:and|then|please|must|always) )(?:say|claim|insist|assert|declare|pretend|report) that\b"
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
)
# A sentence without any of these has no sign.
HINTS = (
    r"<|\[|##|\b(?:your|you (?:are|say)|ignore|disregard|forget|override|bypass|discard|overlook|instruct|instead|"
    r"from (?:now|here) on|pretend|act as|mode\b|ais?\b|"
    r"a\.i\.|llm|gpt|claude|gemini|copilot|chat|model|assistant|bot\b|chatbot|system|"
    r"developer|admin|root\s?[:：]|users?\b|humans?\b|asker|ask|readers|respond|"
    r"reply|answer|output|compose|draft|write|create|"
    r"generate|develop|provide|give me|tell me|translat|(?:begin|end|start) (?:every|each|all|the|your|of|sys|"
    r"hid|sec|new)|hide|conceal|print|repeat|"
    r"reveal|show|recite|leak|copy|cite|quote|sources|"
    r"documents|whatever|regardless|summar|every (?:sentence|line|para)|each (?:sentence|line|para)|"
    r"all (?:sentence|line|para)|speak|talk|task|goal|"
    r"agent|rank this|rate this|rate the|score this|grade this|give this|software|machine|algorithm|tool|"
    r"whoever|you (?:write|output|generate|produce|"
    r"never|not|must|should|can)|this (?:para|text|note)|treat|regard|interpret|rule|skip|omit|"
    r"password|credential|variable|api key|secret|anyone|anybody|someone|customer|browser|mark|classify|label|(?:say|"
    r"claim|insist|assert|declare|report) that)"
)
