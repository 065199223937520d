"""Canaries: a text of its own in every private cell, so that whatever leaks says from where.

They look like what people write there: sentences, phone numbers, identity numbers.
"""

import re
from collections.abc import Iterable

import sqlalchemy as sa

from children.models import Child
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from core.db import Base, db, transaction
from tests.builders.sealed import a_sealed_part

PRIVATE = {
    "access_grants": "note decision_note",
    "agreement_signatures": "reference",
    "alerts": "proposal result",
    "approvals": "reason note",
    "assessments": "purposes involved necessity risks measures",
    "breach_steps": "note",
    "breaches": "involved cause harm measures advice",
    "certificates": "reason",
    "children": "interests care_hint sent_back_note",
    "consents": "proof_reference",
    "erasures": "hold_reason",
    "evidence": "reference void_reason",
    "exports": "reason",
    "pairing_answers": "reason reference",
    "pairing_explanations": "missing",
    "pairing_letters": "text return_reason",
    "pairing_steps": "reason",
    "pairing_voice_tasks": "note",
    "pairings": "note decision_note goodbye_missing handover",
    "rights_requests": "said outcome",
    "role_grants": "reason",
    "stories": "impact",
    "visit_records": "did need_changes parcel return_reason",
    "visit_series": "place_text",
    "visits": "place_text",
    "volunteers": "status_reason",
    "wishes": "note",
}
"""What people wrote about a child, a family or somebody, table by table."""

HARMLESS = {
    "activities": "uid title title_en",
    "access_grants": "uid fields",
    "agreement_signatures": "text_version text_digest",
    "alerts": "uid key ref",
    "attendances": "uid",
    "approvals": "uid kind subject payload",
    "areas": "name name_en nbs_code mca_code",
    "assessments": "uid title",
    "audit_checks": "head",
    "audit_heads": "mark",
    "audit_rows": "action kind ref fields reason mark",
    "audit_seals": "gaps mark",
    "brands": "slug name name_en tagline tagline_en art",
    "breaches": "uid title",
    "calendar_days": "name source",
    "calendar_feeds": "uid name token_hash",
    "campaign_pictures": "uid alt alt_en sizes",
    "campaign_places": "uid name tag",
    "campaigns": "uid slug title title_en summary summary_en story story_en needed needed_en risks"
    " risks_en review_note protections plans",
    "certificate_batches": "uid",
    "certificates": "uid code number blocks signature",
    "channel_settings": "uid secrets receipt_hash tested_code",
    "children": "uid alias needs",
    "children_sealed": "data_key real_name guardian_phone exact_place health family",
    "closing_reports": "text text_en reason reason_en figures",
    "consents": "text_version text_digest",
    "contact_points": "uid address code_hash",
    "delivery_attempts": "code",
    "erasures": "uid",
    "exam_periods": "uid name name_en source",
    "exports": "uid kind filters scope file_name",
    "funnel_counts": "source",
    "guardian_links": "uid purposes token_hash said_no_to",
    "hour_entries": "source source_ref",
    "inbox_items": "kind params",
    "key_checks": "check",
    "limit_windows": "key moments",
    "match_documents": "uid sealed",
    "match_prices": "held",
    "match_proposals": "uid points",
    "match_runs": "uid week step counts weights sums alarms needs",
    "match_waitings": "why",
    "message_subjects": "kind ref",
    "messages": "dedup_key kind address uid language params claim_token error provider_id"
    " carried_by",
    "org_standings": "uid name credit_code contact_name contact_phone lead_name lead_phone"
    " agreement_ref note",
    "organisations": "uid name name_en credit_code",
    "pairings": "uid reasons agreement_version",
    "parameter_values": "name value source",
    "passkeys": "credential_id public_key agent",
    "pairing_voice_tasks": "uid",
    "people": "uid name phone email password_hash language totp",
    "recovery_codes": "code_hash",
    "reveals": "fields",
    "rights_requests": "uid",
    "stories": "uid text text_en picture_uid sizes alt alt_en note",
    "story_proofs": "faces",
    "sign_in_links": "token_hash",
    "sign_in_sessions": "token_hash agent challenge",
    "import_runs": "uid ending language data problem",
    "import_rows": "name phone email language contact spoken",
    "school_times": "uid name source",
    "seat_blocks": "uid code",
    "sign_ups": "uid contact name phone email org_text source language token_hash promise_hash",
    "signing_keys": "uid public private",
    "slots": "uid place",
    "student_domains": "domain",
    "student_mails": "digest token_hash",
    "student_roster": "digest",
    "student_statuses": "uid proof",
    "student_vouches": "uid token_hash",
    "submitted_forms": "key result",
    "teams": "uid name",
    "team_proposals": "uid reasons",
    "team_runs": "uid figures",
    "form_drafts": "path fields",
    "saved_filters": "uid place name args",
    "unsent_forms": "path fields",
    "bad_weather_days": "uid",
    "visit_contracts": "places",
    "visit_occurrences": "key reasons",
    "visit_concerns": "uid told",
    "visit_series": "uid rule zone",
    "visits": "uid",
    "volunteers": "uid number org_text initials skills",
    "wx_grants": "reader template",
    "wish_claims": "uid contact name phone email language token_hash code_hash",
    "wishes": "uid code item item_en size",
}
"""Every other column of texts: names of things, codes, hashes, or sealed; looked for elsewhere."""

REGISTERS = ("assessments", "breaches", "breach_steps")
"""Kept once for the whole city: whoever keeps them reads every row."""
LOOKS = re.compile(r"金丝雀[a-z_]+\d+[本邻]|154[567]\d{7}|14072319[67]\d{9}")
"""A canary of any kind: a sentence, a phone number, an identity number."""
FIELDS = tuple(SealedField)


def text_columns() -> dict[str, set[str]]:
    """Return the columns of texts of every table."""
    texts = (sa.String, sa.Text, sa.JSON)
    found = {
        name: {column.name for column in table.c if type(column.type) in texts}
        for name, table in Base.metadata.tables.items()
    }
    return {name: columns for name, columns in found.items() if columns}


def plant(mark: str) -> set[str]:
    """Put a canary into every private cell that has none yet; return them, sealed ones too."""
    planted: set[str] = set()
    with transaction() as session:
        for name, columns in PRIVATE.items():
            table = Base.metadata.tables[name]
            for column in columns.split():
                cell = table.c[column]
                free = cell.is_(None) | sa.not_(cell.startswith("金丝雀"))
                for row_id in session.scalars(sa.select(table.c.id).where(free)).all():
                    canary = f"金丝雀{name}_{column}{row_id}{mark}"
                    change = sa.update(table).where(table.c.id == row_id)
                    session.execute(change.values({column: canary}))
                    planted.add(canary)
    return planted | _sealed(mark)


def _sealed(mark: str) -> set[str]:
    """Seal five texts of every child that has none yet."""
    planted: set[str] = set()
    bare = sa.select(Child).where(Child.id.not_in(sa.select(ChildSealed.child_id)))
    for child in db.session.scalars(bare).all():
        texts = sealed_texts(child.id, mark)
        a_sealed_part(child, texts)
        planted |= set(texts.values())
    return planted


def sealed_texts(child_id: int, mark: str) -> dict[SealedField, str]:
    kind = "6" if mark == "本" else "7"
    return {
        SealedField.REAL_NAME: f"金丝雀real_name{child_id}{mark}",
        SealedField.GUARDIAN_PHONE: f"154{kind}{child_id:07}",
        SealedField.EXACT_PLACE: f"金丝雀exact_place{child_id}{mark}",
        SealedField.HEALTH: f"金丝雀health{child_id}{mark}",
        SealedField.FAMILY: f"14072319{kind}{child_id:09}",
    }


def leaked(text: str, planted: Iterable[str]) -> set[str]:
    """Return the canaries in a text."""
    return set(LOOKS.findall(text)) & set(planted)
