"""Which channels a customer of Xendit can pay through, and by which method."""

from collections.abc import Sequence

BANKS = ("BCA", "BNI", "BRI", "MANDIRI", "PERMATA", "BSI")
OUTLETS = ("ALFAMART", "INDOMARET")
WALLETS = ("OVO", "DANA", "SHOPEEPAY", "LINKAJA", "ASTRAPAY")
QR_CODES = ("QRIS",)
PAYLATERS = ("KREDIVO", "AKULAKU")
CARDS = ("CREDIT_CARD",)

METHODS: dict[str, str] = {
    **dict.fromkeys(BANKS, "BANK_TRANSFER"),
    **dict.fromkeys(OUTLETS, "RETAIL_OUTLET"),
    **dict.fromkeys(WALLETS, "EWALLET"),
    **dict.fromkeys(QR_CODES, "QR_CODE"),
    **dict.fromkeys(PAYLATERS, "PAYLATER"),
    **dict.fromkeys(CARDS, "CREDIT_CARD"),
}


def available(allowed: Sequence[str], amount: int, holder: str) -> dict[str, object]:
    """The part of an invoice that lists how it can be paid."""
    chosen = set(allowed or METHODS)
    return {
        "available_banks": [
            {
                "bank_code": bank,
                "collection_type": "POOL",
                "transfer_amount": amount,
                "bank_branch": "Virtual Account",
                "account_holder_name": holder.upper(),
                "identity_amount": 0,
            }
            for bank in BANKS
            if bank in chosen
        ],
        "available_retail_outlets": [{"retail_outlet_name": o} for o in OUTLETS if o in chosen],
        "available_ewallets": [{"ewallet_type": w} for w in WALLETS if w in chosen],
        "available_qr_codes": [{"qr_code_type": q} for q in QR_CODES if q in chosen],
        "available_direct_debits": [],
        "available_paylaters": [{"paylater_type": p} for p in PAYLATERS if p in chosen],
        "should_exclude_credit_card": "CREDIT_CARD" not in chosen,
    }
