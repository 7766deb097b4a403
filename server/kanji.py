"""Kanji of names that are searched for as one, however a family writes them (B2).

The first of each group stands for all. A kanji that is added here is found both ways after the
next `tonari migrate`. The library for the old forms of 常用漢字表 (joyokanji 1.1) knows neither
邉, 濵 nor 嶌, so the whole table stands here.
"""

# Old forms beside today's, from 常用漢字表 (Cabinet notice 2 of 2010) and 戸籍法施行規則, 別表第二
# の二 (the old forms that a child may be given). What Unicode itself calls one is left to NFKC.
OLD_FORMS = """
亜亞 悪惡 為爲 栄榮 衛衞 円圓 縁緣 園薗 応應 桜櫻 奥奧 横橫 温溫 価價 壊壞
懐懷 楽樂 渇渴 巻卷 陥陷 寛寬 気氣 偽僞 戯戲 虚虛 峡峽 狭狹 暁曉 駆駈驅 勲勳
薫薰 恵惠 掲揭 鶏鷄 芸藝 撃擊 県縣 倹儉 険險 圏圈 検檢 顕顯 験驗 厳嚴 広廣
恒恆 黄黃 国國 黒黑 砕碎 雑雜 児兒 湿濕 実實 寿壽 収收 従從 渋澁 獣獸 縦縱
緒緖 叙敍 将將 渉涉 焼燒 奨奬 条條 状狀 乗乘 浄淨 剰剩 畳疊 嬢孃 譲讓 醸釀
真眞 寝寢 慎愼 尽盡 粋粹 酔醉 穂穗 瀬瀨 静靜 摂攝 専專 戦戰 繊纖 禅禪 壮壯
争爭 荘莊 捜搜 巣巢 曽曾 装裝 痩瘦 騒騷 増增 蔵藏 臓臟 即卽 帯帶 滞滯 滝瀧
単單 団團 弾彈 昼晝 鋳鑄 庁廳 徴徵 聴聽 鎮鎭 転轉 伝傳 灯燈 盗盜 稲稻 徳德
拝拜 杯盃 売賣 髪髮 抜拔 晩晚 秘祕 富冨 払拂 仏佛 歩步 峰峯 翻飜 毎每 万萬
黙默 野埜 弥彌 薬藥 与與 揺搖 様樣 謡謠 来來 頼賴 覧覽 竜龍 涼凉 緑綠 涙淚
塁壘 礼禮 暦曆 歴歷 錬鍊 郎郞 録錄 乱亂 併倂 仮假 両兩 剤劑 労勞 励勵 勧勸
区區 参參 嘱囑 囲圍 図圖 堕墮 圧壓 壌壤 壱壹 学學 写寫 対對 届屆 属屬 岳嶽
廃廢 径徑 悩惱 惨慘 恋戀 戻戾 挟挾 挿插 択擇 担擔 拠據 挙擧 拡擴 効效 勅敕
数數 断斷 会會 桟棧 概槪 楼樓 枢樞 権權 欧歐 歓歡 帰歸 残殘 殻殼 殴毆 浅淺
渓溪 満滿 潜潛 沢澤 済濟 湾灣 営營 炉爐 犠犧 独獨 猟獵 献獻 瓶甁 画畫 当當
痴癡 発發 研硏 称稱 穏穩 窃竊 並竝 糸絲 経經 総總 縄繩 絵繪 継繼 続續 欠缺
缶罐 声聲 粛肅 脳腦 胆膽 台臺 旧舊 艶艷 茎莖 処處 号號 蛍螢 虫蟲 蚕蠶 蛮蠻
褒襃 覚覺 観觀 触觸 証證 訳譯 誉譽 読讀 変變 豊豐 予豫 弐貳 賛贊 践踐 軽輕
辞辭 逓遞 遅遲 医醫 釈釋 銭錢 鉱鑛 随隨 隠隱 双雙 覇霸 霊靈 余餘 駅驛 髄髓
体體 闘鬭 塩鹽 麦麥 麺麵 点點 党黨 歯齒 齢齡 弁辯瓣辨
"""
# What else families write, and given names after 別表第二の一 (凜, 槇). Names that are two by
# their reading may be one here (斎木, 斉木): to be found too often is better than not at all.
IN_NAMES = """
高髙 崎﨑嵜碕 吉𠮷 辺邊邉 斉斎齋齊 島嶋嶌㠀 浜濱濵 橋槗𣘺 館舘 柳栁桺 淵渕渊
関關闗 桑桒 薮藪籔 宝寶寳 剣劍劔剱釼 鉄鐵鉃 秋穐 船舩 鶴靏靍 土圡 沖冲 昇曻
槙槇 桧檜 熙煕熈 凛凜 尭堯 巌巖 遥遙 祢禰 穣穰 亘亙 晃晄 瑶瑤 萌萠 芦蘆 蛎蠣
鴎鷗 籠篭 梼檮 砺礪 穎頴 兎兔 間閒 留畄 奇竒 群羣 皐皋 侠俠 桝枡 杉杦 松枩
達逹 莱萊 彦彥 産產 青靑 清淸 悦悅 鋭銳 姫姬 内內 呉吳 顔顏 強强 尚尙 既旣
郷鄕鄉 宮宫 戸戶 教敎 歳歲 栃杤 梅楳 頬頰 けゖ
"""

_TO_COMMON = {
    ord(variant): group[0] for group in (OLD_FORMS + IN_NAMES).split() for variant in group[1:]
}


def common(text: str) -> str:
    """The text with each kanji in the form that stands for all of its variants; for searching.

    渡邉, 渡邊 and 渡辺 become one; so do 斎藤, 斉藤, 齋藤 and 齊藤. It is never shown or stored as
    a name.
    """
    return text.translate(_TO_COMMON)
