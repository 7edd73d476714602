"""Customer-facing messages for decline codes, without blame or card data."""

SENTENCES = {
    "insufficient_funds": "The card does not have enough funds. Use another card, or try again later.",
    "expired_card": "The card has expired. Use another card.",
    "incorrect_cvc": "The card's security code is wrong. Check it and try again.",
    "incorrect_number": "The card number is wrong. Check it and try again.",
    "lost_card": "The bank declined the card. Use another card.",
    "stolen_card": "The bank declined the card. Use another card.",
    "fraudulent": "The bank declined the card. Use another card.",
    "processing_error": "The bank couldn't process the card. Try again in a moment.",
    "try_again_later": "The bank couldn't process the card. Try again in a moment.",
    "authentication_required": "The bank requires confirmation of this payment. Try again and confirm it.",
    "payment_intent_authentication_failure": (
        "The payment was not confirmed with the bank. Try again, or use another card."
    ),
    "card_velocity_exceeded": "The card's limit is reached. Use another card, or try again later.",
    "do_not_honor": "The bank declined the card. Ask the bank, or use another card.",
    "generic_decline": "The card was declined. Ask the bank, or use another card.",
    "card_declined": "The card was declined. Ask the bank, or use another card.",
}


def explain_decline(code: str, decline_code: str | None = None) -> str:
    """Return the customer's message; the more precise decline code wins, unknown codes get the default."""
    general = "The payment failed. Try again, or use another card."
    return SENTENCES.get(decline_code or "") or SENTENCES.get(code, general)
