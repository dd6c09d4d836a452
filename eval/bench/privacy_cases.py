"""A set of strings in context, Chinese and English, half of them hard: each says what is personal in it, if anything.

Written from how people write in mails, forms, tables, chats, logs and papers, and not from the rules that find things.
A value stands between «kind: and »; what stands outside of them must not be found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from eval.bench import privacy_values as make

Maker = Callable[[Random], str]

_PLAIN: dict[str, Maker] = {
    "resident": make.resident,
    "resident_old": make.resident_old,
    "resident_wrong": make.resident_wrong,
    "taiwan": make.taiwan,
    "hong_kong": make.hong_kong,
    "ssn": make.social_security,
    "nino": make.national_insurance,
    "iban": make.iban,
    "ip": make.address,
    "mac": make.mac,
    "token": make.token,
    "password": make.password,
    "card_wrong": make.card_wrong,
    "credit": make.credit_code,
    "n3": lambda random: make.digits(random, 3),
    "n4": lambda random: make.digits(random, 4),
    "n5": lambda random: make.digits(random, 5),
    "n6": lambda random: "1" + make.digits(random, 5),
    "n8": lambda random: "7" + make.digits(random, 7),
    "n10": lambda random: "17" + make.digits(random, 8),
    "n12": lambda random: "20" + make.digits(random, 10),
    "n13": lambda random: "17" + make.digits(random, 11),
    "n16": lambda random: "2024" + make.digits(random, 12),
    "n17": lambda random: "2024" + make.digits(random, 13),
    "n19": lambda random: "1" + make.digits(random, 18),
    "hash": lambda random: make.letters(random, 40, make.HEX),
    "short_hash": lambda random: make.letters(random, 7, make.HEX),
    "md5": lambda random: make.letters(random, 32, make.HEX),
    "year": lambda random: str(random.randint(1950, 2030)),
    "month": lambda random: f"{random.randint(1, 12):02}",
    "day": lambda random: f"{random.randint(1, 28):02}",
    "d1": lambda random: str(random.randint(1, 9)),
    "d2": lambda random: str(random.randint(10, 99)),
    "u": lambda random: random.choice(make.UPPER),
    "uu": lambda random: make.letters(random, 2, make.UPPER),
    "uuid": lambda random: "-".join(make.letters(random, count, make.HEX) for count in (8, 4, 4, 4, 12)),
    "name_zh": lambda random: random.choice("王李张刘陈杨赵黄周吴") + random.choice("伟芳娜敏静丽强磊洋勇艳杰涛明"),
    "name_en": lambda random: f"{random.choice(make.GIVEN_EN).title()} {random.choice(make.FAMILY_EN).title()}",
}
_ZH: dict[str, Maker] = {
    "mail": lambda random: make.mail(random, chinese=True),
    "phone": make.phone_zh,
    "passport": make.passport_zh,
    "card": lambda random: make.card(random, chinese=True),
}
_EN: dict[str, Maker] = {
    "mail": lambda random: make.mail(random, chinese=False),
    "phone": make.phone_en,
    "passport": make.passport_en,
    "card": lambda random: make.card(random, chinese=False),
}
# Of which kind each made value is; those that are not named here are nobody's.
KINDS = {
    "mail": "mail",
    "phone": "phone",
    "resident": "id",
    "resident_old": "id",
    "taiwan": "id",
    "hong_kong": "id",
    "ssn": "id",
    "nino": "id",
    "passport": "passport",
    "card": "card",
    "iban": "iban",
    "ip": "ip",
    "mac": "mac",
    "token": "secret",
    "password": "secret",
}

POSITIVE_ZH = """
有问题请发邮件至{mail}，我们会在两个工作日内回复。
联系人：{name_zh}，邮箱：{mail}，电话：{phone}。
电话{phone}。
请拨打{phone}或发送邮件到{mail}咨询
{name_zh}（{phone}）负责本项目的日常沟通
客服热线：{phone}（工作日 9:00-18:00）
手机号码：{phone}；身份证号码：{resident}
本人{name_zh}，身份证号{resident}，自愿参加本次活动。
姓名: {name_zh} | 手机: {phone} | 证件号码: {resident}
居民身份证（{resident}）复印件一份
旧版身份证号为{resident_old}的住户请尽快换证
甲方：{name_zh}，公民身份号码：{resident}，住所地：北京市朝阳区
身份證字號：{taiwan}，請於期限前完成申報。
申請人{name_zh}（{taiwan}）已於上週到案說明
香港居民，身份证号码：{hong_kong}
持證人之香港身份證 {hong_kong} 經核對無誤
护照号码：{passport}，有效期至 2031 年
请携带本人护照（号码 {passport}）办理登机手续
開戶行：招商銀行，卡號：{card}
请将款项汇至银行卡{card}，户名{name_zh}
收款账号：{card} 开户行：工商银行
国际汇款 IBAN：{iban}，请注明用途
服务器地址为{ip}，端口 8080
来自 {ip} 的登录请求被拒绝
无线网卡 MAC 地址：{mac}
初始密码：{password}，登录后请立即修改
数据库密码为：{password}
管理员账号 admin，密码：{password}。
把密钥 {token} 写进配置文件是不安全的
访问令牌：{token}
快递放门口就行，到了打我电话{phone}谢谢
{name_zh}微信同号{phone}，加我备注来意
报名请联系{name_zh}老师 {phone} / {mail}
收件人{name_zh} {phone} 杭州市西湖区文三路{d2}号
投诉邮箱{mail}；传真：{phone}
昨天{name_zh}用{phone}给我发了短信，说文件在{mail}里
已为客户{name_zh}办理银联卡{card}的挂失手续
2024年{month}月{day}日，{name_zh}（电话：{phone}）提交了申请
第{d1}组：{name_zh}，{phone}，{mail}
紧急联系人 {name_zh} {phone} 关系：配偶
"""

POSITIVE_EN = """
Please contact {mail} for further information.
Contact: {name_en} <{mail}>, {phone}
Call me at {phone} or write to {mail}.
You can reach {name_en} on {phone} after 5 pm.
Tel: {phone}
Phone: {phone} | Email: {mail} | Office: Room {n3}
Fax {phone}, attention {name_en}
If nobody answers at {phone}, leave a message.
{name_en} ({mail}) joined the team in {year}.
Sent from my phone. {name_en}, {phone}
The patient's SSN is {ssn} and the file is closed.
Social Security Number: {ssn}
Employee {name_en}, {ssn}, hired {year}-{month}-{day}
National Insurance number: {nino}
NI no. {nino}, tax code 1257L
Passport No: {passport}, nationality British
She lost her passport ({passport}) in Lisbon.
Card number: {card}, expires {month}/28
I was charged twice on {card}, please refund one.
Visa {card} was declined at 10:42.
Please wire the amount to {iban} by Friday.
IBAN: {iban} BIC: DEUTDEFF
Failed login from {ip} port 51122 ssh2
The host at {ip} does not answer to ping.
X-Forwarded-For: {ip}
Device {mac} joined the network.
export AWS_ACCESS_KEY_ID={token}
Somebody committed {token} to the repository last night.
Authorization: Bearer {token}
password: {password}
DB_PASSWORD={password}
Your temporary password is: {password} and must be changed.
curl -H "X-Api-Key: {token}" https://api.example.com/v1/items
Cardholder {name_en}, account {card}, statement of {year}
Reply-To: {name_en} <{mail}>
Emergency contact: {name_en}, {phone} (spouse)
My resident ID is {resident}, issued in Beijing.
HKID {hong_kong} was verified by the bank.
Taiwan ID {taiwan}; mobile {phone}
{year}-{month}-{day} 10:22:31 user={mail} ip={ip} status=200
"""

NEGATIVE_ZH = """
订单号{n19}已于{year}年{month}月{day}日发货
该商品售价 {n5} 元，比去年上涨 {d2}.{d1}%
全国共有 3,{n3},{n3} 人参加了普查
统一社会信用代码：{credit}
纳税人识别号{credit}，注册资本 {n4} 万元
流水号：{n16}，请妥善保管
论文编号 arXiv:{year}.{n5}，见第 {d2} 页
ISBN 978-7-{n3}-{n5}-{d1}，{year}年出版
书号：9787{n8}{d1}，定价：{d2}.00元
编号为{resident_wrong}的设备已报废
物流单号 {card_wrong} 正在运输途中
请升级到版本 {d1}.{d2}.{d1}.{d1} 以修复该漏洞
第 {d1}.{d1}.{d1}.{d1} 节介绍了训练方法
坐标：39.{n6}, 116.{n6}
时间戳 {n13} 对应北京时间{year}-{month}-{day} 12:30:45
提交 {hash} 修复了这个问题
文件的 MD5 为 {md5}
GPT-3.5 有 175,{n3},{n3},{n3} 个参数
QQ群里有 {n3} 人，讨论了 {n4} 条消息
公式 (3.{d1}) 中取 x = 0.{n8}，y = {d2}.{n4}
表 {d1}：{n3} {n4} {n5} {n3} {n4} {n5}
国办发〔{year}〕{d2} 号文件要求各地落实
京ICP备{n8}号-{d1}
零件型号 {uu}{n6}-{d2}，库存 {n3} 件
公司成立于{year}年，{year}年营业收入 {n8} 元
电话会议于{year}年{month}月{day}日 14:00 召开，共 {d2} 人参加
该手机售价{n4}元，电池容量 {n4} 毫安时
密码：请联系管理员重置
密码必须包含大小写字母和数字，长度不少于 8 位
护照办理需要 {d2} 个工作日，费用 160 元
身份证有效期为 {d2} 年
微博 @{name_zh} 表示该说法不实
合同编号：HT-{year}{month}{day}-{n4}
https://www.zhihu.com/question/{n10}{d1}/answer/{n10}
发票号码 {n8}，金额合计 {n6}.{d2} 元
快递单号SF{n13}
序列号：{uu}{n12}
运行时间 {n10} 毫秒，占用内存 {n8} 字节
从 {year}-{year} 年间，人口增长了 {n6} 人
api_key 的值应从环境变量中读取
图 {d1}.{d1} 展示了 {n3}×{n3} 的特征图
请在 {year}.{month}.{day} 之前提交
DOI: 10.{n4}/j.{n8}.{year}.{month}.{n3}
端口 127.0.0.1:8080 仅限本机访问
"""

NEGATIVE_EN = """
Order {n16} has shipped and arrives on {year}-{month}-{day}.
Order no. {card_wrong} was cancelled.
The total comes to ${n4}.{d2}, or {n5}.00 EUR.
Of 3,{n3},{n3} records, {n6} were kept.
See arXiv:{year}.{n5} and doi:10.{n4}/s{n5}-0{d2}-{n5}-{d1}
ISBN 978-0-{n3}-{n5}-{d1} (hardcover)
Upgrade to version {d1}.{d2}.{d1}.{d2} as soon as you can.
{d1}.{d1}.{d1}.{d1} Data preparation
Section {d1}.{d1}.{d2}.{d1} describes the optimiser.
Mozilla/5.0 (X11; Linux x86_64) Chrome/1{d2}.0.0.0 Safari/537.36
Fixed in commit {hash}.
git checkout {short_hash} && make
sha256 {hash}{short_hash} does not match
The run took {n10} ns on {n6} examples.
timestamp={n13} level=info
Coordinates: 51.{n5}, -0.{n5}
Part no. {n3}-{d2}-{n4} is out of stock
Part number {uu}-{n6}-{d2} replaces {uu}-{n6}
GPT-3.5 was trained with {n3} billion tokens on {n4} GPUs.
The table reads {n3} {n4} {n5} {n6} {n3} {n4}.
pp. {n3}-{n3}, vol. {d2}, no. {d1}, {year}
Tracking number 1Z{n3}{uu}{n10}
Invoice {n8}, due {month}/{day}/{year}
id: {uuid}
Serial number: {u}{n12}
pip install package=={d1}.{d2}.{d1}
std::vector<int>::iterator and ::operator new
Password: required, at least 8 characters
password = getpass.getpass()
The password field must not be empty.
token: the smallest unit of text that a model reads
api_key=os.environ["API_KEY"]
The phone costs {n3} dollars and has a {n4} mAh battery.
A passport is valid for 10 years and costs {d2} pounds.
Call the function with {n4} arguments at most.
Listening on 127.0.0.1:{n4}, netmask 255.255.255.0
From {year} to {year}, sales rose from {n6} to {n8}.
https://example.com/item/{n10}{d1}?page={d2}
pi = 3.14159265358979323846, e = 2.71828182845904523536
Unix time {n10} is the moment at which it began.
Ticket {n8} was merged into {n8} at 12:30:45.
@{short_hash} wrote: see icon@2x.png and logo@3x.png
ORCID 0000-0002-1825-{n4}
Figure {d1}: a {n4}x{n4} image, {n5} bytes
Tel Aviv has {n6} inhabitants, {d2}.{d1}% more than in {year}.
"""

_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    language: str
    expected: tuple[tuple[int, int, str], ...]  # start, end, kind


def cases(count: int, seed: int) -> list[Case]:
    """Half Chinese, half English; of each, six in ten hold something personal."""
    random = Random(seed)
    made: list[Case] = []
    for language, positive, negative, makers in (
        ("zh", POSITIVE_ZH, NEGATIVE_ZH, _PLAIN | _ZH),
        ("en", POSITIVE_EN, NEGATIVE_EN, _PLAIN | _EN),
    ):
        share = count // 2
        for templates, amount in ((positive, share * 6 // 10), (negative, share - share * 6 // 10)):
            lines = templates.strip().splitlines()
            made += [_filled(lines[number % len(lines)], language, makers, random) for number in range(amount)]
    return made


def _filled(template: str, language: str, makers: dict[str, Maker], random: Random) -> Case:
    text = ""
    position = 0
    expected: list[tuple[int, int, str]] = []
    for blank in _BLANK.finditer(template):
        text += template[position : blank.start()]
        value = makers[blank[1]](random)
        if blank[1] in KINDS:
            expected.append((len(text), len(text) + len(value), KINDS[blank[1]]))
        text += value
        position = blank.end()
    return Case(text + template[position:], language, tuple(expected))
