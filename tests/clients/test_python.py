"""The Python client against the real server (tests/clients/run starts it)."""

import base64
import hmac
import inspect
import io
import json
import logging
import os
import re
import struct
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from datetime import date, datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "clients/python"))
import kept  # noqa: E402

URL, TOKEN = os.environ["KEPT_URL"], os.environ["KEPT_TOKEN"]
MAIL = "canary.mail@example.org"
FEEDBACK = {"function": "feedback", "user_action": True}
asked = set()  # (method, path) of all that was answered with 200 or 201


def line(path, told=None):
    with urllib.request.urlopen(URL + path, None if told is None else json.dumps(told).encode()) as r:
        return json.load(r)


def cut(*faults):
    note()
    line("/-/next", faults)


def seen():
    return line("/-/seen")


def note():
    asked.update((s["method"], s["path"].partition("?")[0]) for s in seen() if s["status"] in (200, 201))


def client(token=TOKEN, **how):
    c = kept.Client(URL, token, app="widgets", **how)
    unittest.addModuleCleanup(c.close)
    return c


def writer(c, birth="1990-04-01"):
    person = c.subject_new(birth_date=birth).subject
    c.consent_acknowledge(person, language="en")
    c.consent_grant(person, function="feedback", language="en")
    c.collect(person, {"message": "canary text", "contact-mail": MAIL, "contact-phone": "13800001111"}, **FEEDBACK)
    return person


class Operations(unittest.TestCase):
    """Each operation does what it says, and refuses what it says."""

    def setUp(self):
        self.c = client()

    def test_notice_first_then_values(self):
        c, person = self.c, self.c.subject_new(birth_date=date(1990, 4, 1), region="CN").subject
        with self.assertRaises(kept.Denied) as no:
            c.collect(person, {"message": "canary"}, **FEEDBACK)
        p = no.exception
        self.assertEqual((p.status, p.reason, p.clause, p.policy_version), (403, "NO_NOTICE", "S0-0.1", 1))
        self.assertIn("show the notice", p.remedy)
        self.assertTrue(p.line is None or p.line > 0)
        self.assertRegex(p.request, "^[0-9a-f]{32}$")
        self.assertIn("NO_NOTICE", str(p))
        c.consent_acknowledge(person, language="en")
        with self.assertRaises(kept.Denied) as no:
            c.collect(person, {"message": "canary"}, **FEEDBACK)
        self.assertEqual(no.exception.reason, "NEEDS_CONSENT")
        c.consent_grant(person, function="feedback", language="en", expires=datetime(2090, 1, 1, tzinfo=timezone.utc))
        reply = c.collect(person, {"message": ["one", "two"], "contact-mail": MAIL, "shoe-size": "43", "imei": "1"}, **FEEDBACK)
        self.assertEqual((reply.decision, reply.in_part, reply.stripped), ("allow", True, 1))
        self.assertEqual(sorted(f.reason for f in reply.denied), ["FUNCTION", "UNDECLARED"])
        self.assertTrue(all(f.remedy and f.clause for f in reply.denied))
        reply = c.use(person, ["message", "contact-mail"], purpose="support")
        self.assertEqual((reply.values("message"), reply.value("contact-mail")), (["one", "two"], MAIL))
        reply = c.correct(person, {"contact-mail": "canary.new@example.org"}, **FEEDBACK)
        self.assertEqual(c.use(person, ["contact-mail"], purpose="support").values("contact-mail"), ["canary.new@example.org"])

    def test_values_stay_text_or_bytes(self):
        c, person = self.c, self.c.subject_new(birth_date="1990-04-01").subject
        c.consent_acknowledge(person, language="en")
        c.consent_grant(person, function="feedback", language="en")
        odd = 'b\u00e4r "q" \\ \n \U0001f43b 007 1e3 true'
        c.collect(person, {"message": [odd, odd.encode()]}, **FEEDBACK)
        self.assertEqual(c.use(person, ["message"], purpose="support").values("message"), [odd, odd])
        self.assertEqual(kept.Field.of({"item": "x", "decision": "allow", "value_hex": "ff00"}).value, b"\xff\x00")
        for bad in (7, None, True, 1.5, {"hex": "00"}):
            with self.assertRaises(TypeError):
                c.collect(person, {"message": bad}, **FEEDBACK)

    def test_a_role_sees_the_masked_form(self):
        person = writer(self.c)
        clerk = self.c.acting(role="support", actor="clerk-7")
        reply = clerk.use(person, ["contact-mail"], purpose="support")
        self.assertEqual(reply.fields[0].decision, "mask")
        self.assertNotEqual(reply.value("contact-mail"), MAIL)
        with self.assertRaises(kept.Denied):
            clerk.use(person, ["contact-mail"], purpose="marketing")
        entries = list(self.c.audit_entries("clerk-7", role="auditor", limit=1))
        self.assertEqual([e["decision"] for e in entries], ["mask", "deny"])
        with self.assertRaises(kept.Denied):
            self.c.audit("clerk-7", role="support")

    def test_justified_uses_go_into_a_body(self):
        person = writer(self.c)
        cut()
        self.c.use(person, ["message"], purpose="support", because="canary because")
        self.c.use(person, ["message"] + [f"nothing-{i}" for i in range(70)], purpose="support")
        self.assertEqual([s["method"] for s in seen()], ["POST", "POST"])
        self.assertNotIn("because", seen()[0]["path"])

    def test_consents(self):
        c, person = self.c, writer(self.c)
        c.consent_refuse(person, function="profiling")
        c.permission_set(person, "location", True)
        c.subject_set(person, region="CN")
        shown = c.subject_show(person)
        self.assertEqual(shown.operation, "subject.show")
        c.consent_withdraw(person, function="feedback")
        with self.assertRaises(kept.Denied):
            c.use(person, ["message"], purpose="support")
        with self.assertRaises(kept.Problem) as no:
            c.consent_grant(person, function="no-such-function")
        self.assertEqual(no.exception.status, 404)

    def test_guardians(self):
        c, child = self.c, self.c.subject_new(birth_date="2015-04-01").subject
        c.consent_acknowledge(child, language="en")
        reply = c.guardian_add(child, "parent", "document", contact="Kim", written=True, evidence="archive 1",
                               signed=datetime(2026, 1, 1, tzinfo=timezone.utc))
        self.assertEqual(reply.decision, "allow")
        c.guardian_revoke(child, 1)
        with self.assertRaises(kept.Problem):
            c.guardian_revoke(child, 7)
        self.assertEqual(c.minor_report(child, "says so").report["state"], "reported")
        with self.assertRaises(kept.Denied) as no:
            c.use(child, ["message"], purpose="support")
        self.assertEqual(no.exception.reason, "RESTRICTED")
        with self.assertRaises(kept.Problem) as no:
            c.minor_settle(child, False, "a guess")
        self.assertEqual(no.exception.status, 409)
        self.assertEqual(c.minor_settle(child, True, "case 12", birth_date="2016-04-01").report["state"], "confirmed")

    def test_lines_of_a_log_and_a_session_that_is_none(self):
        c = client()
        line = '192.0.2.7 - - [01/Feb/2026:10:00:00 +0000] "GET /canary HTTP/1.1" 200 12 "-" "agent/1"'
        taken = c.log_take("web", line + "\nno line\n").report
        self.assertEqual((taken["kept"], taken["bad"]), (1, 1))
        self.assertEqual(c.log_read("web", "security", limit=10).operation, "log.read")
        with self.assertRaises(kept.Denied) as no:
            c.log_take("nowhere", "x")
        self.assertEqual(no.exception.reason, "UNDECLARED")

    def test_a_system_is_ordered_and_shows_tickets(self):
        c, person = client(os.environ["KEPT_SYSTEM"]), writer(self.c)
        there = self.c.use(person, ["contact-name"], purpose="support").report["held_elsewhere"][0]
        shown = c.order_show(there["ticket"]).report
        self.assertEqual((shown["item"], shown["reference"]), ("contact-name", there["reference"]))
        self.c.erase_subject(person)
        order = [o for o in c.order_list().report["orders"] if o.get("reference") == there["reference"]][0]
        self.assertEqual(c.order_done(order["order"], receipt="job 17").report["state"], "acknowledged")
        with self.assertRaises(kept.Denied) as no:
            c.order_done("00112233445566778899aabbccddeeff", receipt="job 17")
        self.assertEqual(no.exception.reason, "NO_VALUE")
        with self.assertRaises(kept.Denied) as no:
            c.order_show("0a1b2c")
        self.assertEqual(no.exception.reason, "CODE")
        with self.assertRaises(kept.Denied) as no:
            self.c.order_show("0a1b2c")
        self.assertEqual(no.exception.reason, "CALLER")

    def test_staff_log_in_and_out(self):
        c = client()
        with self.assertRaises(kept.Denied):
            c.session_close()
        with self.assertRaises(kept.Denied) as no:
            client(None).session_open("nobody", "twelve bytes and more", "000000")
        self.assertEqual(no.exception.reason, "LOGIN")
        secret = re.search("secret=([A-Z2-7]+)", os.environ["KEPT_STAFF_URI"]).group(1)
        at = struct.pack(">Q", int(time.time()) // 30)
        mac = hmac.digest(base64.b32decode(secret), at, "sha1")  # RFC 6238
        code = (struct.unpack_from(">I", mac, mac[19] & 15)[0] & 0x7FFFFFFF) % 1000000
        opened = client(None).session_open("ann", os.environ["KEPT_STAFF_PASSWORD"], f"{code:06}", new_password="seven blue Kites over Ulm")
        ann = client(opened.report["token"])
        person, because = writer(c), "order 12/2026"
        asked = c.approval_ask(person, ["contact-mail"], "support", because, recipient="court", exemption="legal-demand").report
        granted = ann.approval_grant(person, asked["approval"], items=["contact-mail"], role="officer")
        self.assertEqual(granted.report["granted"], ["contact-mail"])
        reply = c.disclose(person, "court", ["contact-mail"], purpose="support", exemption="legal-demand", because=because)
        self.assertEqual(reply.fields[0].item, "contact-mail")
        refused = ann.approval_refuse(person, asked["approval"], because="no case", role="officer")
        self.assertEqual(refused.report["state"], "refused")
        with self.assertRaises(kept.Denied):
            c.disclose(person, "court", ["contact-mail"], purpose="support", exemption="legal-demand", because=because)
        self.assertEqual(ann.session_close().operation, "session.close")
        with self.assertRaises(kept.KeptError) as no:
            ann.session_close()
        self.assertEqual(no.exception.status, 401)

    def test_accounts_elsewhere(self):
        c, person = self.c, writer(self.c)
        for ask in (lambda: c.account_begin(recipient="court"), lambda: c.account_prove(recipient="court", id_token="a.b.c"),
                    lambda: c.account_bind(person, "court", "a.b.c", function="feedback")):
            with self.assertRaises(kept.Denied) as no:
                ask()
            self.assertEqual(no.exception.reason, "NO_ACCOUNTS")
        with self.assertRaises(kept.KeptError) as no:
            c.account_unbind(person, "court")
        self.assertEqual(no.exception.status, 404)
        self.assertEqual(c.provider_list().report["providers"], [])
        for ask in (lambda: c.provider_add("court", {"message": "{}"}), lambda: c.provider_remove("court")):
            with self.assertRaises(kept.Denied) as no:
                ask()
            self.assertEqual(no.exception.reason, "CALLER")

    def test_a_code_comes_back(self):
        c, person = self.c, writer(self.c)
        values = {"contact-phone": ""}
        with self.assertRaises(kept.Denied) as no:
            c.account_begin({"contact-phone": "13900009999"})
        self.assertEqual(no.exception.reason, "NO_ACCOUNTS")
        c.account_begin(values, subject_id=person, source="192.0.2.7")
        sender = client(os.environ["KEPT_SENDER"])
        with self.assertRaises(kept.Denied) as no:
            c.post_take()
        self.assertEqual(no.exception.reason, "CALLER")
        message = sender.post_take(limit=64).report["messages"][-1]
        code = re.search(r"\d{6}", message["text"]).group()
        with self.assertRaises(kept.Denied):
            c.account_prove(values=values, subject_id=person, code="111111" if code == "000000" else "000000")
        reply = c.account_prove(values=values, subject_id=person, code=code, session=True)
        own = client(reply.report["session"]["token"])
        self.assertEqual(own.use(person, ["contact-phone"]).fields[0].item, "contact-phone")
        with self.assertRaises(kept.Denied) as no:
            own.subject_list()
        self.assertEqual(no.exception.reason, "OPERATION")
        c.account_leave(subject_id=person)
        with self.assertRaises(kept.KeptError) as no:
            own.subject_show(person)
        self.assertEqual(no.exception.status, 401)
        sender.post_tell(message["id"], "sent 202")
        self.assertEqual(c.account_show(person).operation, "account.show")

    def test_disclosing_needs_grounds(self):
        c, person = self.c, writer(self.c)
        with self.assertRaises(kept.Denied):
            c.disclose(person, "court", ["contact-mail"], purpose="support")
        reply = c.disclose(person, "court", ["contact-mail"], purpose="support", exemption="vital-interest", because="case 12/2026")
        self.assertEqual(reply.fields[0].item, "contact-mail")

    def test_what_two_must_have_looked_at(self):
        c, person, because = self.c, writer(self.c), "order 12/2026"
        with self.assertRaises(kept.Denied) as no:
            c.disclose(person, "court", ["contact-mail"], purpose="support", exemption="legal-demand", because=because)
        self.assertEqual(no.exception.reason, "APPROVAL")
        asked = c.approval_ask(person, ["contact-mail"], "support", because, recipient="court", exemption="legal-demand").report
        rows = c.approval_list().report["approvals"]
        self.assertIn((asked["approval"], "asked"), [(a["approval"], a["state"]) for a in rows])
        with self.assertRaises(kept.Denied) as no:
            c.approval_grant(person, asked["approval"], items=["contact-mail"])
        self.assertEqual(no.exception.reason, "OPERATION")
        with self.assertRaises(kept.Denied):
            c.approval_refuse(person, asked["approval"])
        with self.assertRaises(kept.Problem) as no:
            c.approval_ask(person, ["no-such"], "support", because)
        self.assertEqual(no.exception.status, 404)

    def test_finding(self):
        c = self.c
        person = c.subject_new(values={"contact-phone": "13900002222"}).subject
        c.consent_acknowledge(person, language="en")
        c.consent_grant(person, function="feedback", language="en")
        c.collect(person, {"message": "x", "contact-phone": "13900002222"}, **FEEDBACK)
        self.assertEqual(c.subject_find({"contact-phone": "13900002222"}).subject, person)
        with self.assertRaises(kept.Problem) as no:
            c.subject_find({"contact-phone": "13900009999"})
        self.assertEqual(no.exception.status, 404)
        with self.assertRaises(kept.Denied) as no:
            c.subject_find({"message": "x"})
        self.assertEqual(no.exception.reason, "NOT_SEARCHABLE")

    def test_an_address_book_is_asked_about(self):
        with self.assertRaises(kept.Problem) as no:
            self.c.contacts(writer(self.c), {"contact-phone": [bytes(32)]}, "support")
        self.assertNotEqual(no.exception.status, 404)
        self.assertNotIn("member", no.exception.detail)

    def test_pages(self):
        c, person = self.c, writer(self.c)
        first = c.trail(person, limit=2)
        self.assertEqual((len(first.report["entries"]), "next" in first.report), (2, True))
        operations = [e["operation"] for e in c.trail_entries(person, limit=1)]
        self.assertEqual(operations[:4], ["subject.new", "consent.acknowledge", "consent.grant", "collect"])
        newest = next(iter(c.trail_entries(person, limit=1, newest=True)))
        self.assertNotEqual(newest["operation"], "subject.new")
        more = [writer(c) for _ in range(2)]
        everybody = list(c.subjects(limit=1))
        self.assertTrue(set(more) <= set(everybody) and len(everybody) == len(set(everybody)))
        self.assertEqual(len(c.subject_list(limit=2).report["subjects"]), 2)

    def test_why(self):
        report = self.c.why(writer(self.c), item="imei", purpose="support").report
        self.assertEqual(report["collect"]["decision"], "deny")

    def test_erasing(self):
        c, person = self.c, writer(self.c)
        c.erase_record(person, "message", record=1)
        with self.assertRaises(kept.Denied) as no:
            c.use(person, ["message"], purpose="support")
        self.assertEqual((no.exception.status, no.exception.reason), (404, "NO_VALUE"))
        self.assertEqual(c.erase_subject(person, because="code 4").report["certificate"], "erasure")
        with self.assertRaises(kept.Denied) as no:
            c.use(person, ["contact-mail"], purpose="support")
        self.assertEqual((no.exception.status, no.exception.reason), (410, "ERASED"))

    def test_batches(self):
        c, person = self.c, writer(self.c)
        cut()
        replies = c.batch([{"op": "use", "subject": person, "items": ["message"], "purpose": "support"},
                           {"op": "collect", "subject": person, "values": {"message": b"bytes"}, **FEEDBACK},
                           {"op": "use", "subject": person, "items": ["imei"], "purpose": "support"}])
        self.assertIsNotNone(seen()[0]["key"])
        self.assertEqual([type(r) for r in replies], [kept.Reply, kept.Reply, kept.Denied])
        self.assertEqual((replies[0].value("message"), replies[2].reason), ("canary text", "NO_VALUE"))
        cut()
        c.batch([{"op": "stat"}])
        self.assertIsNone(seen()[0]["key"])
        with self.assertRaises(kept.Problem) as no:
            c.batch([{"op": "format"}])
        self.assertEqual(no.exception.status, 400)
        with self.assertRaises(TypeError):
            c.batch([{"op": "collect", "subject": person, "values": {"message": 7}}])

    def test_policies_come_once(self):
        c = self.c
        cut()
        text = c.policy(as_="text", in_="en")
        self.assertIn("Privacy notice", text)
        self.assertEqual(c.acting(role="support").policy(as_="text", in_="en"), text)
        self.assertEqual([(s["status"], s["tag"] is None, s["authorised"]) for s in seen()], [(200, True, False), (304, False, False)])
        self.assertEqual(json.loads(c.policy(1, as_="json"))["app"], "widgets")
        self.assertEqual(c.policies()["versions"][0]["version"], 1)
        self.assertTrue(c.policy_show().report["versions"][0]["in_force"])
        with self.assertRaises(kept.Problem) as no:
            c.policy(app="nobody")
        self.assertEqual(no.exception.status, 404)
        with self.assertRaises(ValueError):
            kept.Client(URL).policy()

    def test_the_ledger(self):
        c = self.c
        entry = c.stat().entry
        self.assertIn("/widgets\n", c.ledger_checkpoint())
        self.assertTrue(c.ledger_proof(entry).startswith("c2sp.org/tlog-proof@v1\n"))
        self.assertEqual(len(c.ledger_tile("0/000.p/1")), 32)
        self.assertGreater(len(client(os.environ["KEPT_AUDITOR"]).ledger_entries("000.p/1")), 10)
        with self.assertRaises(kept.Problem) as no:
            kept.Client(URL, app="widgets").ledger_entries("000.p/1")
        self.assertEqual(no.exception.status, 401)
        with self.assertRaises(kept.Problem):
            c.ledger_tile("0/999")

    def test_the_service(self):
        c = self.c
        self.assertIn("people_ever", c.stat().report)
        self.assertTrue(c.health() and c.ready())
        self.assertIn("kept_http_requests_total", c.metrics())
        self.assertEqual(c.openapi()["info"]["title"], "kept")
        self.assertTrue(any(p["name"] == "NO_NOTICE" for p in c.problems()))
        with self.assertRaises(kept.Denied) as no:
            c.caller_list()
        self.assertEqual(no.exception.reason, "CALLER")
        manager = client(os.environ["KEPT_MANAGER"])
        names = [d["name"] for d in manager.caller_list().report["callers"]]
        self.assertIn("desk", names)
        self.assertTrue(manager.caller_review().report)
        attested = manager.staff_attest("ann", "training", True, evidence="course 7", expires="2099-01-31T00:00:00Z")
        self.assertTrue(attested.report["attested"][0]["holds"])
        self.assertEqual(manager.staff_attest("ann", "training", False).report["attested"], [])
        with self.assertRaises(kept.Problem) as no:
            manager.staff_attest("ann", "training", False)
        self.assertEqual(no.exception.status, 404)
        with self.assertRaises(kept.Denied):
            c.staff_attest("ann", "training", False)
        manager.caller_revoke("desk", because="moved")
        with self.assertRaises(kept.Problem):
            manager.caller_revoke("desk")
        with self.assertRaises(kept.Problem) as no:
            client("kept_" + "0" * 72).stat()
        self.assertEqual((no.exception.status, type(no.exception)), (401, kept.Problem))


class Line(unittest.TestCase):
    """What lines do: nothing is done twice, and nobody waits for ever."""

    def setUp(self):
        self.c = client()

    def tearDown(self):
        cut()

    def test_an_answer_that_was_lost(self):
        before = len(list(self.c.subjects()))
        cut("lose")
        reply = self.c.subject_new(region="CN")
        sent = seen()
        self.assertEqual(len(sent), 2)
        self.assertEqual((sent[0]["key"], sent[0]["status"]), (sent[1]["key"], 201))
        self.assertTrue(sent[0]["key"] and reply.replayed)
        self.assertEqual(len(list(self.c.subjects())), before + 1)

    def test_each_change_has_a_key_of_its_own_and_reads_have_none(self):
        cut()
        person = writer(self.c)
        self.c.use(person, ["message"], purpose="support")
        self.c.use(person, ["message"], purpose="support", because="x")
        keys = [s["key"] for s in seen()]
        self.assertEqual(len(set(keys[:4])), 4)
        self.assertEqual([k is None for k in keys], [False] * 4 + [True] * 2)

    def test_busy_and_under_way_are_asked_again(self):
        cut("busy", "drop", "under way")
        self.assertFalse(self.c.subject_new().replayed)
        self.assertEqual(len({s["key"] for s in seen()}), 1)
        cut("drop", "busy")
        self.assertEqual(self.c.stat().operation, "stat")
        self.assertEqual(len(seen()), 3)

    def test_but_not_for_ever(self):
        cut(*["busy"] * 9)
        with self.assertRaises(kept.Problem) as no:
            self.c.stat()
        self.assertEqual((no.exception.status, len(seen())), (503, 4))
        cut(*["drop"] * 9)
        with self.assertRaises(kept.Unreachable) as no:
            self.c.subject_new()
        self.assertEqual(({s["key"] for s in seen()}, len(seen())), ({no.exception.idempotency_key}, 4))
        cut(*["drop"] * 9)
        with self.assertRaises(kept.Unreachable):
            client(retries=0).stat()
        self.assertEqual(len(seen()), 1)
        cut(*["busy"] * 9)
        self.assertFalse(self.c.ready())

    def test_what_was_refused_is_not_asked_again(self):
        cut()
        with self.assertRaises(kept.Problem):
            self.c.subject_show("0" * 32)
        self.assertEqual(len(seen()), 1)

    def test_after_unreachable_the_key_goes_on(self):
        cut("lose")
        with self.assertRaises(kept.Unreachable) as no:
            client(retries=0).subject_new(region="CN")
        again = self.c.subject_new(region="CN", idempotency_key=no.exception.idempotency_key)
        self.assertTrue(again.replayed)
        with self.assertRaises(kept.Problem) as other:
            self.c.subject_new(region="DE", idempotency_key=no.exception.idempotency_key)
        self.assertEqual(other.exception.status, 422)

    def test_waiting_ends(self):
        cut("slow")
        began = time.monotonic()
        with self.assertRaises(kept.Unreachable):
            self.c.stat(timeout=0.5)
        cut("busy for long")
        with self.assertRaises(kept.Problem) as no:
            self.c.stat()
        self.assertEqual(no.exception.status, 503)
        self.assertLess(time.monotonic() - began, 2.8)
        with self.assertRaises(kept.Unreachable):
            kept.Client("http://127.0.0.1:1", retries=0).stat()

    def test_something_else_answers(self):
        cut("page")
        with self.assertRaises(kept.Problem) as no:
            self.c.stat()
        self.assertEqual((no.exception.status, "secret" in str(no.exception)), (502, False))
        cut("no json")
        with self.assertRaises(kept.KeptError) as no:
            self.c.stat()
        self.assertNotIn("secret", str(no.exception))
        cut("half")
        self.assertEqual(self.c.stat().operation, "stat")
        self.assertEqual(len(seen()), 2)

    def test_threads_share_a_client(self):
        people, c = [], self.c
        def work():
            for _ in range(3):
                people.append(writer(c))

        threads = [threading.Thread(target=work) for _ in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(len(set(people)), 18)


class Mistakes(unittest.TestCase):
    """Found before anything is sent."""

    def test_before_anything_is_sent(self):
        c, person = client(), "0" * 32
        cut()
        for wrong in (lambda: c.collect(person, {"message": "x"}, porpose="support"), lambda: c.use(person, "message"),
                      lambda: c.stat(limit=1), lambda: c.collect(person, [("message", "x")]), lambda: c.subject_show(None)):
            self.assertRaises(TypeError, wrong)
        # Dots would make "erase this item" into "erase this person".
        for wrong in (lambda: c.erase_record(person, ".."), lambda: c.erase_record(person, "."), lambda: c.erase_subject(""),
                      lambda: c.ledger_tile("0/../../x"), lambda: c.consent_grant(person, expires=datetime(2030, 1, 1))):
            self.assertRaises(ValueError, wrong)
        for wrong in ("ftp://x", "http://", "http://x/path", "127.0.0.1:80", "http://u:p@x"):
            self.assertRaises(ValueError, lambda: kept.Client(wrong))
        self.assertRaises(ValueError, lambda: kept.Client(URL, "two words\r\nX: y"))
        self.assertRaises(ValueError, lambda: kept.Client(URL, retries=-1))
        self.assertEqual(seen(), [])

    def test_pieces_of_a_path_are_escaped(self):
        cut()
        with self.assertRaises(kept.Problem):
            client().subject_show("a/b?c=d#e")
        self.assertEqual(seen()[0]["path"].partition("?")[0], "/v1/subjects/a%2Fb%3Fc%3Dd%23e")


class Silence(unittest.TestCase):
    def test_nothing_is_shown_or_logged(self):
        said = io.StringIO()
        handler = logging.StreamHandler(said)
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.DEBUG)
        try:
            c = client()
            person = writer(c)
            reply = c.use(person, ["message", "contact-mail"], purpose="support")
            self.assertEqual(reply.value("contact-mail"), MAIL)
            shown = [repr(reply), str(reply), repr(reply.fields), f"{reply.fields[0]}", repr(c), str(vars(c))]
            with self.assertRaises(kept.Problem) as no:
                c.collect(person, {"imei": MAIL}, **FEEDBACK)
            shown += [repr(no.exception), str(no.exception), str(vars(no.exception))]
        finally:
            logging.getLogger().removeHandler(handler)
        self.assertNotIn("canary", "".join(shown) + said.getvalue())
        self.assertNotIn(TOKEN, "".join(shown) + said.getvalue())


class Example(unittest.TestCase):
    def test_the_readme_prints_what_it_says(self):
        text = (ROOT / "clients/python/README.md").read_text()
        code = re.search(r"```python\n(.*?)```\n", text, re.S).group(1)
        env = {**os.environ, "PYTHONPATH": str(ROOT / "clients/python"), "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run([sys.executable, "-W", "error::DeprecationWarning", "-c", code], env=env, capture_output=True, text=True, timeout=60)
        promised = re.findall(r"`([^`]+)`", re.search(r"It prints (.*)", text).group(1))
        self.assertEqual((run.stdout.splitlines(), run.stderr), (promised, ""))


class Whole(unittest.TestCase):
    """Runs last: nothing is forgotten, and what cannot be undone."""

    api = json.loads((ROOT / "docs/openapi.json").read_text())
    methods = {n: f for n, f in vars(kept.Client).items() if hasattr(f, "operations")}

    def operations(self):
        for path, verbs in self.api["paths"].items():
            for verb, operation in verbs.items():
                yield verb.upper(), path, operation

    def test_1_each_operation_has_a_method_and_each_method_an_operation(self):
        told = [o["operationId"] for _, _, o in self.operations()]
        had = [i for f in self.methods.values() for i in f.operations]
        self.assertEqual(sorted(told), sorted(had))
        others = {n for n, f in vars(kept.Client).items() if callable(f) and not n.startswith("_")} - set(self.methods)
        self.assertEqual(others, {"acting", "close", "subjects", "trail_entries", "audit_entries"})

    def test_2_with_all_its_members(self):
        of_call = {"timeout", "idempotency_key"}
        for verb, path, o in self.operations():
            name, f = next((n, f) for n, f in self.methods.items() if o["operationId"] in f.operations)
            told = {p["name"] for p in o.get("parameters", ()) if p["in"] != "header"}
            for content in o.get("requestBody", {}).get("content", {}).values():
                told |= set(content["schema"]["properties"])
            if "name" in told:
                told = told - {"name"} | {"app"}
            takes = {p.name for p in inspect.signature(f).parameters.values() if p.kind != p.VAR_KEYWORD} - {"self"}
            takes |= set(getattr(f.takes, "__annotations__", ()))
            if "lines" in takes:  # of a log: one member of values
                takes = takes - {"lines"} | {"values"}
            with self.subTest(name):
                self.assertEqual(told, {t.rstrip("_") for t in takes} - of_call)
                self.assertTrue(len(inspect.getdoc(f)) > 10)
                change = any(p["in"] == "header" for p in o.get("parameters", ()))
                if name not in ("use", "subject_find"):
                    self.assertEqual("idempotency_key" in takes, change)

    def test_3_publishing_and_ceasing(self):
        owner = client(os.environ["KEPT_OWNER"])
        with self.assertRaises(kept.Problem) as no:
            owner.policy_publish("kept: 1\napp: [")
        self.assertEqual(no.exception.status, 422)
        text = owner.policy(as_="yaml")
        again = owner.policy_publish(text.replace("\nversion: 1\n", "\nversion: 2\n"), at="2090-01-01")
        self.assertEqual(again.operation, "policy.publish")
        with self.assertRaises(kept.Denied):
            client().service_cease()
        owner.service_cease(because="test")

    def test_4_all_of_them_were_really_asked(self):
        note()
        for verb, path, o in self.operations():
            if o["operationId"] == "post.contacts":
                continue  # wants what a device has blinded
            if re.search(r"\.provider\.(add|remove)$|\.account\.(un)?bind$", o["operationId"]):
                continue  # want a provider: tests/login
            wanted = re.compile(re.sub(r"\\\{tile\\\}", ".+", re.escape(path)).replace("\\{", "{").replace("\\}", "}"))
            pattern = "^" + re.sub(r"\{\w+\}", "[^/]+", wanted.pattern) + "$"
            self.assertTrue(any(m == verb and re.match(pattern, p) for m, p in asked), f"{verb} {path}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
