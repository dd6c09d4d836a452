"""What is found, and what only looks like it. No value here is anybody's."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eval.bench.privacy import measure
from eval.bench.privacy_cases import cases
from ingest.privacy.find import find


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, text[one.start : one.end]) for one in find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("有事写邮件给li.na@example.cn，谢谢", "mail", "li.na@example.cn"),
        ("邮箱：li.na＠example.cn。", "mail", "li.na＠example.cn"),
        ("Write to <li.na@example.com>.", "mail", "li.na@example.com"),
        ("li.na [at] example [dot] com", "mail", "li.na [at] example [dot] com"),
        ("电话13800138000。", "phone", "13800138000"),
        ("电话：13800138000，2024年起启用", "phone", "13800138000"),
        ("请拨１３８００１３８０００咨询", "phone", "１３８００１３８０００"),
        ("手机 +86 138-0013-8000", "phone", "+86 138-0013-8000"),
        ("手机 008613800138000", "phone", "008613800138000"),
        ("手机 138 0013\n8000，周一至周五", "phone", "138 0013\n8000"),
        ("传真(010) 8888 8888转123", "phone", "(010) 8888 8888转123"),
        ("0755-1234567", "phone", "0755-1234567"),
        ("手機 0912-345-678", "phone", "0912-345-678"),
        ("call (212) 555-0123 ext. 45 now", "phone", "(212) 555-0123 ext. 45"),
        ("on +44 20 7946 0958, or", "phone", "+44 20 7946 0958"),
        ("tel:13800138000", "phone", "13800138000"),
        ("张三_13800138000.docx", "phone", "13800138000"),
        ("https://example.com/call?mobile=13800138000&x=1", "phone", "13800138000"),
        ("身份证11010519491231002X。", "id", "11010519491231002X"),
        ("身份证１１０１０５１９４９１２３１００２ｘ", "id", "１１０１０５１９４９１２３１００２ｘ"),
        ("证号 110105 19491231 002X", "id", "110105 19491231 002X"),
        ("证号 110105194912\n31002X", "id", "110105194912\n31002X"),
        ("身份证号：110105491231002", "id", "110105491231002"),
        ("身分證字號A123456789", "id", "A123456789"),
        ("身份證 A123456(3)", "id", "A123456(3)"),
        ("身份證 Ａ１２３４５６（３）", "id", "Ａ１２３４５６（３）"),
        ("SSN 078-05-1121", "id", "078-05-1121"),
        ("NI number: AB 12 34 56 C", "id", "AB 12 34 56 C"),
        ("护照号码E12345678", "passport", "E12345678"),
        ("Her passport no. is 123456789.", "passport", "123456789"),
        ("card 4111 1111 1111 1111 please", "card", "4111 1111 1111 1111"),
        ("paid with 378282246310005", "card", "378282246310005"),
        ("IBAN GB29 NWBK 6016 1331 9268 19 and", "iban", "GB29 NWBK 6016 1331 9268 19"),
        ("服务器192.168.31.117不可达", "ip", "192.168.31.117"),
        ("from fe80::1ff:fe23:4567:890a port", "ip", "fe80::1ff:fe23:4567:890a"),
        ("MAC：00:1A:2B:3C:4D:5E", "mac", "00:1A:2B:3C:4D:5E"),
        ("密码：Abc12345。", "secret", "Abc12345"),
        ("password=hunter2-and-more", "secret", "hunter2-and-more"),
        ('"api_key": "Zx81kd72mfa91ksm"', "secret", "Zx81kd72mfa91ksm"),
        ("key AKIAIOSFODNN7EXAMPLE leaked", "secret", "AKIAIOSFODNN7EXAMPLE"),
        ("postgres://app:s3cr3t@db.example.com/x", "secret", "s3cr3t"),
    ],
)
def test_what_is_personal_is_found_whole(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "价格3,500,000元，编号2005.14165，成立于1998年",
        "订单号 6222021234567890123 已发货",
        "订单编号13800138000已发货",
        "销量达13800138000元",
        "ISBN 978-7-115-54608-1，ISBN 9787115546081",
        "统一社会信用代码 91110108551385082Q",
        "编号 110105194912310021 的设备",
        "版本 1.2.3.4 与 Chrome/120.0.0.0",
        "1.2.3.4 数据准备\n\n3.1.2.5 Results",
        "坐标 39.904200, 116.407400",
        "2024-11-05 12:30:45 与 20241105123045123",
        "doi:10.1016/S0140-6736(20)30183-5",
        "commit 13800138000abcdef13800138000abcdef123456",
        "550e8400-e29b-41d4-a716-446655440000",
        "https://www.zhihu.com/question/13800138000",
        "ORCID 0000-0002-1825-0097",
        "GPT-3.5, GPT-4-0613, RTX 4090",
        "3.14159265358979323846 0.13800138000",
        "212 555 1234 313 555 1234 415 555 1234",
        "icon@2x.png, git@github.com:org/project.git, pkg@1.2.3",
        "std::vector<int> a::b, 12:30:45, ::",
        "密码必须包含数字。密码：请联系管理员。password: str, password = getpass.getpass()",
        "the token is a word; token: the unit; api_key=os.environ['API_KEY']",
        "护照有效期 10 年；passports 2019",
        "127.0.0.1, 0.0.0.0, 255.255.255.0",
    ],
)
def test_what_only_looks_like_it_is_not_found(text: str) -> None:
    assert found(text) == []


def test_one_label_names_all_the_numbers_after_it() -> None:
    assert [value for _, value in found("电话：88886666、88886667或88886668")] == ["88886666", "88886667", "88886668"]
    listed = "a list of phone numbers:\n\n1. 9498888888\n2. 9497777777\n\n3 apples"
    assert [value for _, value in found(listed)] == ["9498888888", "9497777777"]
    assert [value for _, value in found("name,13800138000,13900139000,35")] == ["13800138000", "13900139000"]


def test_a_private_key_is_found_whole() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nabc/def+ghi=\n-----END RSA PRIVATE KEY-----"
    assert found(f"before\n{key}\nafter") == [("secret", key)]


def test_an_unended_private_key_is_found_as_far_as_it_goes() -> None:
    [(kind, value)] = found("-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nabc/def+ghi=\n中文")
    assert kind == "secret"
    assert "ghi=" in value
    assert "中文" not in value


def test_zero_width_characters_hide_nothing() -> None:
    text = "电话138\u200b0013\u200d8000，邮箱a\u2060b@example.com"
    assert found(text) == [("phone", "138\u200b0013\u200d8000"), ("mail", "a\u2060b@example.com")]


def test_the_longest_claim_has_the_place() -> None:
    assert [kind for kind, _ in found("6222021234567890123 卡号：6222 0212 3456 7890 128")] == ["card"]
    assert found("IBAN GB29 NWBK 6016 1331 9268 19, or 13800138000")[1][0] == "phone"


@pytest.mark.parametrize("seed", [11, 12])
def test_made_up_strings_are_told_apart(seed: int) -> None:
    result, faults = measure(cases(1000, seed))
    whole = result["figures"]["all"]
    assert whole["recall"] >= 0.98, faults
    assert whole["precision"] >= 0.98, faults


@given(st.text(alphabet="0123456789 -.()+@:/\nXxAa电话：，＋１\u200b", max_size=200))
@example("+" * 200)
@example("1 " * 100)
def test_finds_are_in_order_apart_and_inside(text: str) -> None:
    position = 0
    for one in find(text):
        assert position <= one.start < one.end <= len(text)
        position = one.end


@pytest.mark.parametrize(
    "run",
    ["1", "1 ", "1-", "a.", "a@", "0.", "+1", "ab12", "A1 ", ":", "f:", "-----BEGIN PRIVATE KEY-----", "密码", "eyJ"],
)
def test_no_run_of_anything_takes_long(run: str) -> None:
    began = time.process_time()
    find(run * (100_000 // len(run)))
    assert time.process_time() - began < 5
