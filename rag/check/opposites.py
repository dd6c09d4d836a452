"""Words that say no, and words that say the opposite of one another. Data only, in the folded form of texts."""

from __future__ import annotations

NO = frozenset(
    "not no never none nobody nothing neither nor without cannot lacks lacked lacking fails failed unable "
    "refuses refused denies denied hardly scarcely rarely seldom isn't wasn't aren't weren't don't "
    "doesn't didn't can't couldn't won't wouldn't shouldn't hasn't haven't hadn't mustn't needn't nowhere".split()
)
# As the tagger cuts them. 不同, 未来, 非常, 无论, 不断 deny nothing, and are words of their own.
NO_CHINESE = frozenset(
    "不 没 没有 未 无 非 并非 并不 并未 并没有 不是 不能 不会 不得 不可 未能 未曾 无法 不再 不要 不用 "
    "从未 从不 从来不 绝不 决不 毫不 毫无 拒绝 否认 缺乏 缺少 不得不 尚未 仍未 还没 不曾 无须 无需 不必 "
    "不予 不准 不许 不让 不愿 不肯 不行 不该 不应 莫 勿 不存在 不具 不具备 不含 不属于 不支持 不允许 不在 "
    "不为 不需要 不具有 不包括 没能 没法 无权 无人 不可以 不能够".split()
)
# They begin as those do, and deny nothing.
NOT_NO = frozenset(
    "不同 不断 不仅 不过 不但 不久 不少 不论 不管 不如 不只 不单 不光 不满 不等 不止 不一 不足 不料 不禁 "
    "不惜 不已 不时 未来 未必 非常 非洲 无论 无数 无线 无意 无所谓 无比 无非 没收 没落 没什么 非法 不幸 "
    "不安 不错 不利 不良 不妨 不愧 无疑 不由".split()
)
# They begin with un-, and not with a denial.
NOT_UN = frozenset("under until unless union unions united unique unit units universal universe uncle unto".split())

# One side and the other; whoever says one says the opposite of who says the other.
_OPPOSITES = """
more greater higher larger bigger above over exceeding exceeded | less fewer lower smaller below under
most maximum largest biggest highest greatest | least fewest minimum smallest lowest
increase increases increased increasing rise rises rose rising grow grows grew growing growth \
| decrease decreases decreased decreasing fall falls fell falling decline declines declined shrink shrank reduce \
reduced reduces reduction drop drops dropped
before earlier prior preceding preceded | after later following subsequent followed
all every each always entire entirely | some few partly partially sometimes
first earliest oldest | last latest newest youngest
begin begins began begun beginning start started starts | end ended ends ending finish finished stop stopped
win wins won winning victory defeated beat | lose loses lost losing defeat
north northern | south southern
east eastern | west western
same identical | different
early | late
long longer longest | short shorter shortest
high | low
old older | new newer young younger
large big | small
many | few
majority | minority
support supported supports supporting favour favoured favor favored \
| oppose opposed opposes opposing against reject rejected
accept accepted accepts agree agreed | reject rejected refuse refused disagree disagreed
allow allowed allows permit permitted permits \
| forbid forbidden forbade prohibit prohibited ban banned prevent prevented prevents
include included includes including | exclude excluded excludes excluding except
succeed succeeded succeeds success successful | fail failed fails failure unsuccessful
positive | negative
possible | impossible
legal lawful | illegal unlawful
true | false
common | rare uncommon
strong stronger | weak weaker
fast faster quick quickly | slow slower slowly
hot warm warmer | cold cool cooler
rich wealthy | poor
male men man boys | female women woman girls
import imports imported | export exports exported
gain gained gains | loss lose lost loses
join joined joins | leave left leaves
buy bought | sell sold
parent parents | child children
public | private
inside within | outside
major | minor
import imported | export exported
enter entered | exit exited left
dependent | independent
necessary | unnecessary
able | unable
known | unknown
likely | unlikely
equal | unequal
stable | unstable
direct directly | indirect indirectly
complete completely | incomplete
regular | irregular
active | inactive
official | unofficial
usual usually | unusual
similar | dissimilar
add added | remove removed
open opened opens | close closed closes
love loved | hate hated
better best | worse worst
friend allies | enemy enemies
up upward | down downward
"""
_OPPOSITES_CHINESE = """
增加 增长 上升 提高 提升 上涨 增多 升高 增大 扩大 | 减少 下降 降低 下跌 减小 缩小 下滑 衰退 减弱
大于 高于 多于 超过 超出 | 小于 低于 少于 不足 不到
之前 以前 早于 前 | 之后 以后 晚于 后
最大 最高 最多 最长 | 最小 最低 最少 最短
所有 全部 全体 一切 总是 完全 | 部分 一些 有些 少数 有时
多数 大多数 大部分 大多 | 少数 小部分 极少数
更多 较多 更大 更高 较高 较大 | 更少 较少 更小 更低 较低 较小
最早 首次 第一次 首个 首位 | 最晚 最后 最后一次 末次
开始 启动 开幕 | 结束 终止 停止 闭幕
胜利 获胜 战胜 击败 赢得 赢 打败 | 失败 落败 战败 输给 输掉 输 败给
支持 赞成 同意 拥护 | 反对 否决 抵制
允许 准许 许可 | 禁止 不准 严禁
接受 | 拒绝
成功 | 失败
北 北部 北方 北面 北边 以北 | 南 南部 南方 南面 南边 以南
东 东部 东方 东面 东边 以东 | 西 西部 西方 西面 西边 以西
相同 一样 一致 | 不同 不一样 相反
出口 | 进口
加入 | 退出
包括 包含 | 不包括 除外 排除
合法 | 非法
可能 | 不可能
必须 必要 | 不必 不必要
男 男性 男子 | 女 女性 女子
公立 公有 公共 | 私立 私有 私人
早期 | 晚期 后期
左 左侧 左边 | 右 右侧 右边
有利 | 不利
积极 | 消极
强 强大 | 弱 弱小
快 | 慢
长 | 短
高 | 低
大 | 小
多 | 少
新 | 旧
富裕 富有 | 贫穷 贫困
上游 | 下游
上 | 下
内部 | 外部
直接 | 间接
买入 购买 | 卖出 出售
有 具有 拥有 | 没有 无 缺乏
"""


def _sides(table: str) -> dict[str, frozenset[str]]:
    """Return of each word all those that say its opposite."""
    against: dict[str, frozenset[str]] = {}
    for line in table.strip().splitlines():
        one, other = (frozenset(side.split()) for side in line.split("|"))
        for own, theirs in ((one, other), (other, one)):
            for word in own:
                against[word] = against.get(word, frozenset()) | theirs
    return against


def _together(table: str) -> dict[str, frozenset[str]]:
    """Return of each word all those on its own side."""
    beside: dict[str, frozenset[str]] = {}
    for line in table.strip().splitlines():
        for side in line.split("|"):
            for word in side.split():
                beside[word] = beside.get(word, frozenset()) | frozenset(side.split())
    return beside


OPPOSITES = _sides(_OPPOSITES)
ALIKE = _together(_OPPOSITES)
OPPOSITES_CHINESE = _sides(_OPPOSITES_CHINESE)
ALIKE_CHINESE = _together(_OPPOSITES_CHINESE)
