"""What is said of each rule, in Vietnamese and in English. No value of the document is ever repeated here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.types import Bilingual, FieldName, RuleName, Side

PASSED: Mapping[RuleName, Bilingual] = MappingProxyType(
    {
        RuleName.NUMBER_FORM: Bilingual("Số giấy tờ đúng cấu trúc", "The number is well formed"),
        RuleName.NUMBER_PROVINCE: Bilingual(
            "Mã tỉnh trong số có trong danh mục", "The number's province code is on the list"
        ),
        RuleName.NUMBER_SEX: Bilingual(
            "Giới tính khớp với số định danh", "The sex agrees with the number"
        ),
        RuleName.NUMBER_BIRTH_YEAR: Bilingual(
            "Năm sinh khớp với số định danh", "The year of birth agrees with the number"
        ),
        RuleName.NUMBER_BIRTH_PLACE: Bilingual(
            "Nơi đăng ký khai sinh khớp với mã tỉnh trong số",
            "The place of birth registration agrees with the number's province code",
        ),
        RuleName.MRZ_CHECK_DIGITS: Bilingual(
            "Các số kiểm tra của dòng MRZ đều đúng", "Every MRZ check digit fits"
        ),
        RuleName.SOURCES_AGREE: Bilingual(
            "Thông tin in, mã QR và MRZ khớp nhau", "Print, QR code and MRZ agree"
        ),
        RuleName.DATE_ORDER: Bilingual(
            "Các ngày theo đúng thứ tự", "The dates follow in their order"
        ),
        RuleName.AGE_AT_ISSUE: Bilingual(
            "Đủ tuổi khi được cấp", "The holder was old enough at issue"
        ),
        RuleName.EXPIRY_RULE: Bilingual(
            "Ngày hết hạn đúng quy định", "The expiry date follows the law"
        ),
        RuleName.NOT_EXPIRED: Bilingual("Giấy tờ còn hạn", "The document is in date"),
        RuleName.ISSUE_WINDOW: Bilingual(
            "Ngày cấp thuộc thời kỳ của loại giấy tờ",
            "The issue date lies in this document's period",
        ),
        RuleName.ISSUER: Bilingual(
            "Nơi cấp đúng với loại giấy tờ", "The issuer signs this document"
        ),
        RuleName.SAME_DOCUMENT: Bilingual(
            "Hai mặt cùng một loại giấy tờ", "Both sides are of one kind of document"
        ),
        RuleName.SAME_HOLDER: Bilingual(
            "Hai mặt cùng một người", "Both sides name one person"
        ),
        RuleName.SAME_FACE: Bilingual(
            "Khuôn mặt khớp với ảnh trên giấy tờ", "The face is that on the document"
        ),
    }
)  # fmt: skip
FAILED: Mapping[RuleName, Bilingual] = MappingProxyType(
    {
        RuleName.NUMBER_FORM: Bilingual("Số giấy tờ sai cấu trúc", "The number is malformed"),
        RuleName.NUMBER_SEX: Bilingual(
            "Giới tính mâu thuẫn với số định danh", "The sex contradicts the number"
        ),
        RuleName.NUMBER_BIRTH_YEAR: Bilingual(
            "Năm sinh mâu thuẫn với số định danh", "The year of birth contradicts the number"
        ),
        RuleName.NUMBER_BIRTH_PLACE: Bilingual(
            "Nơi đăng ký khai sinh mâu thuẫn với mã tỉnh trong số",
            "The place of birth registration contradicts the number's province code",
        ),
        RuleName.MRZ_CHECK_DIGITS: Bilingual(
            "Số kiểm tra của dòng MRZ không đúng", "An MRZ check digit does not fit"
        ),
        RuleName.SOURCES_AGREE: Bilingual(
            "Thông tin in, mã QR và MRZ mâu thuẫn nhau", "Print, QR code and MRZ contradict one another"
        ),
        RuleName.DATE_ORDER: Bilingual(
            "Thứ tự các ngày không hợp lý", "The dates are out of order"
        ),
        RuleName.AGE_AT_ISSUE: Bilingual(
            "Chưa đủ tuổi vào ngày cấp", "The holder was too young on the day of issue"
        ),
        RuleName.EXPIRY_RULE: Bilingual(
            "Ngày hết hạn không đúng quy định", "The law gives no such expiry date"
        ),
        RuleName.NOT_EXPIRED: Bilingual("Giấy tờ đã hết hạn", "The document has expired"),
        RuleName.ISSUE_WINDOW: Bilingual(
            "Ngày cấp nằm ngoài thời kỳ của loại giấy tờ",
            "No such document was issued on that date",
        ),
        RuleName.ISSUER: Bilingual(
            "Nơi cấp không cấp loại giấy tờ này vào ngày đó",
            "That issuer did not sign this document then",
        ),
        RuleName.SAME_DOCUMENT: Bilingual(
            "Hai mặt thuộc hai loại giấy tờ", "The sides are of two kinds of document"
        ),
        RuleName.SAME_HOLDER: Bilingual(
            "Hai mặt mang thông tin của hai người", "The sides name two people"
        ),
        RuleName.SAME_FACE: Bilingual(
            "Khuôn mặt khác với ảnh trên giấy tờ", "The face is not that on the document"
        ),
    }
)  # fmt: skip

UNREADABLE = Bilingual(
    "Không đọc được hoặc đọc chưa đủ chắc chắn", "Not readable, or not read surely enough"
)
ABROAD = Bilingual(
    "Mã tỉnh không có trong danh mục: đăng ký khai sinh ở nước ngoài hoặc đọc sai",
    "The province code is not on the list: a birth registered abroad, or a misreading",
)
INFERRED = Bilingual(
    "Không đọc được nơi cấp; suy ra từ loại giấy tờ và ngày cấp",
    "The issuer is not readable; it follows from the kind of document and its date",
)
ONE_SOURCE = Bilingual(
    "Chỉ có một nguồn thông tin, không có gì để đối chiếu", "There is one source alone, so nothing to compare"
)  # fmt: skip
TWO_ISSUES = Bilingual(
    "Hai mặt mang hai ngày cấp khác nhau", "The sides were issued on two different dates"
)
WITHDRAWN = Bilingual(
    "Loại giấy tờ này không còn giá trị sử dụng", "Documents of this kind are no longer valid"
)
UNSURE_FACE = Bilingual(
    "Độ giống của khuôn mặt chưa đủ để kết luận", "The faces are too alike to refuse and too unlike to accept"
)  # fmt: skip

SHOOT_AGAIN: Mapping[Side, Bilingual] = MappingProxyType(
    {
        Side.FRONT: Bilingual(
            "Chụp lại mặt trước, đủ sáng, tránh loá và tránh rung",
            "Photograph the front again, well lit, without glare or shake",
        ),
        Side.BACK: Bilingual(
            "Chụp lại mặt sau, tránh loá", "Photograph the back again, without glare"
        ),
    }
)
SHOOT_FACE_AGAIN = Bilingual(
    "Chụp lại khuôn mặt nhìn thẳng, đủ sáng, không che mặt",
    "Photograph the face again, straight ahead, well lit and uncovered",
)
LOOK_AT_ORIGINAL = Bilingual("Đối chiếu với bản gốc giấy tờ", "Compare with the original document")
ASK_FOR_ANOTHER = Bilingual(
    "Yêu cầu giấy tờ khác còn giá trị", "Ask for another document that is in date"
)
SEND_BOTH_SIDES = Bilingual(
    "Gửi đúng hai mặt của cùng một giấy tờ", "Send the two sides of one and the same document"
)


def retake(side: Side | None, fields: tuple[FieldName, ...]) -> Bilingual:
    """Which side to photograph again; without a side, the one that prints the first field on most documents."""
    on_back = {FieldName.ISSUE_DATE, FieldName.ISSUER, FieldName.BIRTH_PLACE, FieldName.FEATURES}
    if side is None:
        side = Side.BACK if fields and fields[-1] in on_back else Side.FRONT
    return SHOOT_AGAIN[side]
