//! A county that a test makes up: its registers row by row, and its folder.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Kind, file, header.
const REGISTERS: [(&str, &str, &str); 13] = [
    (
        "roster",
        "名册.csv",
        "经营者注册名称,统一社会信用代码,门店名称,经营者类型,经营类别,食品经营,单元类型,所在区县,所在乡镇,详细地址,所属商圈,成立日期,负责人电话,线下无理由退货承诺,认定日期,单元状态,摘牌日期",
    ),
    (
        "penalties",
        "处罚.csv",
        "行政相对人名称,行政相对人类别,行政相对人代码_1(统一社会信用代码),行政处罚决定书文号,违法行为类型,处罚类别,处罚程序,罚款金额(元),没收违法所得、没收非法财物的金额(元),处罚决定日期,公示截止期,信用修复日期,撤销日期,是否已生效,处罚机关",
    ),
    (
        "abnormal_operations",
        "异常.csv",
        "统一社会信用代码,名称,类型,列入日期,列入原因,作出决定机关(列入),移出日期,移出原因",
    ),
    (
        "listings",
        "失信.csv",
        "统一社会信用代码,名称,名单类型,列入日期,列入原因,作出决定机关,移出日期",
    ),
    (
        "inspections",
        "抽查.csv",
        "抽查编号,统一社会信用代码,名称,抽查日期,抽查结果,检查机关,关联文号",
    ),
    (
        "food_samples",
        "抽检.csv",
        "抽样单编号,标称生产企业名称,被抽样单位名称,被抽样单位统一社会信用代码,食品名称,抽样日期,检验结论,不合格项目║检验结果║标准值,责任环节,关联文号",
    ),
    (
        "complaints",
        "投诉.csv",
        "登记编号,来源渠道,统一社会信用代码,被投诉单位,投诉人姓名,投诉人电话,登记日期,业务类别,投诉问题,受理情况,调解结果,办结日期,争议金额(元),挽回经济损失(元)",
    ),
    (
        "annual_reports",
        "年报.csv",
        "统一社会信用代码,名称,报告年度,报送日期,是否补报",
    ),
    (
        "promises",
        "履约.csv",
        "记录编号,统一社会信用代码,名称,核实日期,承诺事项,履约结果,核实单位",
    ),
    (
        "awards",
        "表彰.csv",
        "统一社会信用代码,名称,表彰名称,授予日期,有效期至,授予单位",
    ),
    (
        "grave_matters",
        "重大.csv",
        "统一社会信用代码,名称,事项类型,发生日期,文号,记录单位,撤销日期",
    ),
    (
        "statements",
        "月报.csv",
        "收单机构,商户号,统一社会信用代码,商户名称,清算月份,交易笔数,交易金额(元),退货金额(元),应收手续费(元),实收手续费(元)",
    ),
    (
        "authorisations",
        "授权.csv",
        "授权书编号,统一社会信用代码,商户名称,被授权机构,授权用途,授权方式,签署日期,有效期至,撤回日期",
    ),
];

pub const BUREAU: &str = "示例市场监督管理局";

pub fn header(kind: &str) -> &'static str {
    let found = REGISTERS.iter().find(|(id, _, _)| *id == kind);
    found.unwrap().2
}

/// The file of a kind.
pub fn file(kind: &str) -> &'static str {
    let found = REGISTERS.iter().find(|(id, _, _)| *id == kind);
    found.unwrap().1
}

/// The code of the merchant of that number, with the check character that GB 32100 gives it.
pub fn uscc(number: usize) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let code = format!("92520100MA{number:07}");
    let (mut weight, mut sum) = (1, 0);
    for c in code.chars() {
        sum += weight * ALPHABET.find(c).unwrap();
        weight = weight * 3 % 31;
    }
    let check = ALPHABET.as_bytes()[(31 - sum % 31) % 31];
    format!("{code}{}", char::from(check))
}

/// Who delivers a file, and the days that it covers.
type Covers = (String, String, String);

/// A county before it is written.
#[derive(Clone, Debug)]
pub struct County {
    pub business_date: Option<String>,
    /// Id and name.
    pub banks: Vec<(&'static str, &'static str)>,
    /// The rows of each kind, below the header.
    pub rows: BTreeMap<&'static str, Vec<String>>,
    pub covers: BTreeMap<&'static str, Vec<Covers>>,
    /// What else county.toml says.
    pub more: String,
}

impl County {
    /// Without merchants; every register but the statements is complete from 2015 to the day.
    pub fn new(day: &str) -> Self {
        let kinds = || REGISTERS.iter().map(|(kind, _, _)| *kind);
        let own = || vec![(BUREAU.to_owned(), "2015-01-01".to_owned(), day.to_owned())];
        Self {
            business_date: Some(day.to_owned()),
            banks: vec![("first", "示例第一银行"), ("second", "示例第二银行")],
            rows: kinds().map(|kind| (kind, Vec::new())).collect(),
            covers: kinds()
                .filter(|kind| *kind != "statements")
                .map(|kind| (kind, own()))
                .collect(),
            more: String::new(),
        }
    }

    pub fn row(&mut self, kind: &str, row: impl Into<String>) {
        self.rows.get_mut(kind).unwrap().push(row.into());
    }

    /// A shop that sells no food and takes goods back for seven days.
    pub fn merchant(&mut self, number: usize, opened: &str, certified: &str) {
        let code = uscc(number);
        self.row(
            "roster",
            format!(
                "示例商户{number},{code},示例门店{number},个体工商户,零售,否,放心消费商店,示例县,示例镇,示例路{number}号,,{opened},\
                 1390000{number:04},7天,{certified},在期,"
            ),
        );
    }

    pub fn complaint(&mut self, number: &str, merchant: usize, day: &str, rest: &str) {
        let code = uscc(merchant);
        self.row(
            "complaints",
            format!("{number},示例平台,{code},示例商户{merchant},示例人,19900000000,{day},普通,质量问题,{rest},100.00,0.00"),
        );
    }

    /// A fine by the ordinary procedure, final.
    pub fn fine(&mut self, number: &str, merchant: usize, day: &str, yuan: &str) {
        let code = uscc(merchant);
        self.row(
            "penalties",
            format!("示例商户{merchant},个体工商户,{code},{number},示例违法,罚款,普通程序,{yuan},/,{day},,,,是,{BUREAU}"),
        );
    }

    /// One kind's file as text.
    pub fn text(&self, kind: &str) -> String {
        let mut text = format!("{}\n", header(kind));
        for row in &self.rows[kind] {
            text.push_str(row);
            text.push('\n');
        }
        text
    }

    pub fn toml(&self) -> String {
        let mut toml = format!(
            "name = \"示例县\"\nregion = \"520100\"\nbureau = \"{BUREAU}\"\nscorecard = \"daishan-2026.1\"\n\
             towns = [\"示例镇\"]\nareas = []\n"
        );
        if let Some(day) = &self.business_date {
            writeln!(toml, "business_date = {day}").unwrap();
        }
        for (id, name) in &self.banks {
            writeln!(toml, "\n[[bank]]\nid = \"{id}\"\nname = \"{name}\"").unwrap();
        }
        for (kind, feeds) in &self.covers {
            for (source, from, until) in feeds {
                let file = file(kind);
                writeln!(
                    toml,
                    "\n[[feed]]\nkind = \"{kind}\"\nfile = \"{file}\"\nsource = \"{source}\"\ncovers = [{from}, {until}]"
                )
                .unwrap();
            }
        }
        toml + &self.more
    }

    /// Writes the folder of that name within another.
    pub fn write(&self, within: &Path, name: &str) -> PathBuf {
        let folder = within.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("county.toml"), self.toml()).unwrap();
        for kind in self.covers.keys() {
            std::fs::write(folder.join(file(kind)), self.text(kind)).unwrap();
        }
        folder
    }

    /// Writes one kind's file, to be imported by itself.
    pub fn write_file(&self, within: &Path, kind: &str) -> PathBuf {
        let path = within.join(file(kind));
        std::fs::write(&path, self.text(kind)).unwrap();
        path
    }
}
