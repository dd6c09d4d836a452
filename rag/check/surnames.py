"""By which characters a Chinese name is known where no dictionary has it. Data only."""

from __future__ import annotations

# Of nine in ten people; those that are far oftener a word of their own (和, 有, 从, 能) are left out.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施洪季翁柯詹阮颜欧辛游蓝庄殷倪鲍"
)
# What foreign names are written in.
TRANSLITERATING = frozenset(
    "阿埃艾安奥巴贝比彼波伯布查达戴德狄迪多俄厄恩尔法菲费弗福冈戈格葛古哈海汉赫霍基吉加佳贾杰卡凯坎康考柯科克肯孔库夸拉莱兰朗劳勒"
    "雷黎李里理利莉列林琳卢鲁路露伦罗洛吕马玛迈麦曼茅梅蒙米密敏明莫姆穆纳娜奈南内尼妮纽诺欧帕潘佩彭皮平珀普奇乔切琼丘荣儒瑞萨塞桑瑟"
    "森沙莎山尚圣施史斯思斯索苏所塔泰坦汤唐特提廷图托瓦威韦维温翁沃乌西希锡夏香肖谢辛休修许雪雅亚延扬耶伊因尤于约泽扎詹珍芝朱兹祖佐"
    "什屋大瓜玻委叙伐冰挪芬荷葡匈捷"
)
