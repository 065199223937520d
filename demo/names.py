"""Short lists that invented people, children and places are made of: nobody real."""

SURNAMES = tuple("王李张刘陈杨赵周吴郑孙马")
GIVEN = (
    *("晓雨", "思远", "佳宁", "子涵", "明轩", "若溪", "浩然", "雨桐", "嘉怡", "文博"),
    *("静怡", "天宇", "欣然", "志远", "雅琪", "俊杰", "梦瑶", "立群", "书瑶", "建国"),
    *("春燕", "志强", "秀梅", "海燕", "国强", "丽华", "永亮", "彩霞", "向阳", "小芳"),
    *("晨曦", "可心", "一鸣", "念慈", "逸飞", "清扬", "安然", "景行", "知夏", "乐天"),
)
SUFFIX = "样例"
INTERESTS = (
    *("画画", "听故事", "踢球", "下五子棋", "折纸", "唱歌", "看星星", "养小鸡", "跳绳", "拼图"),
    *("打乒乓球", "背古诗", "做手工", "看绘本", "骑自行车", "讲笑话", "写毛笔字", "种花"),
)
CARE_HINTS = (
    *("", "", "", "", "", "", "请不要问起爸爸", "对花生过敏", "怕狗，先打招呼再进门"),
    *("说话慢，请多等一等", "午后要休息", "晕车，不坐车外出", "左耳听得不太清楚"),
)
ACTIVITIES = (
    "一起读了一本绘本，讲了三个小故事。",
    "辅导了数学作业，学会了竖式计算。",
    "一起折纸、画画，把作品贴在活动室的墙上。",
    "在院子里跳绳、踢毽子，玩得很开心。",
    "练习用普通话朗读课文，还背了两首古诗。",
    "聊了这一周的事，一起写了一封给家人的信。",
    "学习了防溺水和过马路的知识，做了小测验。",
    "陪着给家里打了视频电话，听他们说说话。",
    "下了几盘五子棋，说好下次再比。",
    "一起整理书包和文具，定了一周的小计划。",
)
PARCELS = ("", "", "", "", "绘本两册，由中心统一发放", "文具一套，由中心统一发放", "棉手套一副")
NOTES = (
    "住得近，周末时间合适，能辅导作业，孩子愿意。",
    "小组里有人擅长孩子喜欢的活动，时间也对得上。",
    "上一期相处得好，孩子希望还是他们来，有连续性。",
    "孩子需要说话的人，小组两人都有耐心，考虑最有利于孩子。",
)
PLACES = ("未保工作站一楼活动室", "未保工作站图书角", "儿童之家活动室", "文化站阅览室")

UNIVERSITIES = (
    ("140702", "太原理工大学明向校区", "Taiyuan University of Technology, Mingxiang Campus"),
    ("140702", "太原师范学院", "Taiyuan Normal University"),
    ("140702", "晋中学院", "Jinzhong University"),
    ("140702", "山西传媒学院", "Communication University of Shanxi"),
    ("140703", "山西农业大学", "Shanxi Agricultural University"),
    ("140703", "晋中信息学院", "Jinzhong College of Information"),
)
NOT_THEIRS, NOT_THEIRS_EN = "（示例，与学校无关）", " (sample, not connected with it)"
SOCIAL_ORGS = (
    ("140702", "示例·暖阳社工服务中心", "Sample: Warm Sun Social Work Centre"),
    ("140702", "示例·同心公益发展中心", "Sample: One Heart Development Centre"),
    ("140728", "示例·古城志愿者联合会", "Sample: Old Town Volunteers' Union"),
    ("140781", "示例·绵山青年志愿服务队", "Sample: Mianshan Young Volunteers"),
    ("140722", "示例·太行助学促进会", "Sample: Taihang Learning Support Society"),
)
