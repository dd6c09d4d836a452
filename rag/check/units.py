"""What things are measured in: the unit's name to what it measures and how much of it. Data only."""

from __future__ import annotations

# Of each dimension, the factor to its first unit and the names, in the folded form that texts are compared in.
_TABLE: dict[str, dict[float, str]] = {
    "length": {
        1.0: "m metre metres meter meters 米 公尺",
        1000.0: "km kilometre kilometres kilometer kilometers 公里 千米",
        0.01: "cm centimetre centimetres centimeter centimeters 厘米 公分",
        0.001: "mm millimetre millimetres millimeter millimeters 毫米",
        1e-9: "nm nanometre nanometres nanometer nanometers 纳米",
        1609.344: "mi mile miles 英里",
        1852.0: "nautical_miles nautical_mile 海里",
        0.9144: "yd yard yards 码",
        0.3048: "ft foot feet 英尺 呎",
        0.0254: "inch inches 英寸 吋",
        500.0: "里 华里",
    },
    "area": {
        1.0: "m2 m^2 square_metre square_metres square_meter square_meters sqm 平方米 平方公尺",
        1e6: "km2 km^2 square_kilometre square_kilometres square_kilometer square_kilometers 平方公里 平方千米",
        1e4: "ha hectare hectares 公顷",
        2589988.11: "square_mile square_miles sq_mi 平方英里",
        4046.856: "acre acres 英亩",
        0.09290304: "square_foot square_feet sq_ft 平方英尺",
        666.667: "亩",
    },
    "mass": {
        1.0: "kg kilogram kilograms 公斤 千克",
        0.001: "gram grams 克 公克",
        1e-6: "mg milligram milligrams 毫克",
        1000.0: "t tonne tonnes 吨 公吨",
        907.185: "ton tons",
        0.45359237: "lb lbs 磅",
        0.5: "斤",
    },
    "volume": {
        1.0: "l litre litres liter liters 升 公升",
        0.001: "ml millilitre millilitres milliliter milliliters 毫升",
        3.785411784: "gallon gallons 加仑",
        1000.0: "m3 m^3 cubic_metre cubic_metres cubic_meter cubic_meters 立方米",
    },
    "speed": {
        1.0: "km/h kmh kph kilometres_per_hour kilometers_per_hour",
        1.609344: "mph miles_per_hour",
        3.6: "m/s",
    },
    "celsius": {1.0: "°c ℃ degrees_celsius 摄氏度 degrees_centigrade"},
    "fahrenheit": {1.0: "°f ℉ degrees_fahrenheit 华氏度"},
    "time": {
        1.0: "second seconds sec 秒 秒钟",
        60.0: "minute minutes min mins 分钟",
        3600.0: "hour hours hr hrs 小时 个小时 钟头",
        86400.0: "day days 天",
        604800.0: "week weeks 周 星期 个星期",
        2629800.0: "month months 个月",
        31557600.0: "year years yr yrs 年",
        315576000.0: "decade decades",
        3155760000.0: "century centuries",
        0.001: "ms millisecond milliseconds 毫秒",
    },
    "share": {0.01: "% percent per_cent pct 个百分点 percentage_points percentage_point", 0.1: "成"},
    "usd": {1.0: "$ us$ usd dollar dollars 美元 美金", 0.01: "cent cents 美分"},
    "eur": {1.0: "€ eur euro euros 欧元"},
    "gbp": {1.0: "£ gbp 英镑"},
    "jpy": {1.0: "¥ jpy yen 日元 日圆"},
    "cny": {1.0: "cny rmb yuan 元 人民币 块钱"},
    "data": {
        1.0: "byte bytes 字节",
        1e3: "kb",
        1e6: "mb",
        1e9: "gb",
        1e12: "tb",
    },
    "energy": {1.0: "kwh", 1e3: "mwh", 1e6: "gwh"},
    "power": {1.0: "watt watts 瓦", 1e3: "kw kilowatt kilowatts 千瓦", 1e6: "mw megawatt megawatts 兆瓦"},
}
# A name to (what it measures, how many of that dimension's first unit).
UNITS: dict[str, tuple[str, float]] = {
    name.replace("_", " "): (dimension, factor)
    for dimension, sizes in _TABLE.items()
    for factor, names in sizes.items()
    for name in names.split()
}
CURRENCY_SIGNS = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy"}

# What Chinese counts things by: a numeral before one is a number, and not a part of 四川 or 十分.
MEASURES = (
    "个名位次年月日天周岁场座倍成种类项家条件台辆架艘本部首篇章节届级层楼人口户票元块角分秒时点度米里克吨升亩颗只头"
    "匹棵株朵枚张幅对双套支枝把根片粒代任期批组队队员所间栋幢处站州省市县区国城镇村字页版卷集季轮局胜负球名票成步门科"
    "英公平立厘毫千海多余大小世"
)
