"""Signatures are those of the vendors' own examples."""

from datetime import UTC, datetime

import pytest

from messages.channels.signing import Keys, Posted, acs3, dingtalk, query_of, sha256, tc3

IMAGE = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"


@pytest.mark.parametrize(
    ("date", "nonce", "mark"),
    [
        (
            "2023-10-26T09:01:01Z",
            "d410180a5abf7fe235dd9b74aca91fc0",
            "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804",
        ),
        (
            "2023-10-26T10:22:32Z",
            "3156853299f313e23d1673dc12e1703d",
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
        ),
    ],
)
def test_aliyuns_published_examples_are_signed_alike(date: str, nonce: str, mark: str) -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b""),
        "x-acs-date": date,
        "x-acs-signature-nonce": nonce,
        "x-acs-version": "2014-05-26",
    }
    query = query_of({"RegionId": "cn-shanghai", "ImageId": IMAGE})
    signed = acs3(Keys("YourAccessKeyId", "YourAccessKeySecret"), query, headers)
    names = ";".join(headers)
    assert signed == (
        f"ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders={names},Signature={mark}"
    )


def test_a_query_is_escaped_as_aliyun_asks_for() -> None:
    assert query_of({"b": "a b*c+d/~", "a": "童"}) == "a=%E7%AB%A5&b=a%20b%2Ac%2Bd%2F~"


def test_tencents_published_example_is_signed_alike() -> None:
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    )
    keys = Keys("AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "Gu5t9xGARNpq86cd98joQYCN3*******")
    at = datetime.fromtimestamp(1551113065, UTC)
    signed = tc3(keys, Posted("cvm.tencentcloudapi.com", "cvm", at, body))
    assert signed == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request"
        ", SignedHeaders=content-type;host"
        ", Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"
    )


def test_a_robots_sign_depends_on_the_moment_and_the_secret() -> None:
    """DingTalk publishes no example: the value is that of its own sample code for Python."""
    sign = dingtalk("this is secret", 1700000000000)
    assert sign == "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0="
    assert dingtalk("this is secret", 1700000000001) != sign
