#!/usr/bin/env python3
"""Checks an export of Runledger's log, see log-format.md: verify_export.py FILE. Needs Python 3 and nothing else."""
import hashlib, json, sys, uuid

LINK = {"position", "recordedAtMicros", "digest", "hash"}
EVENT = LINK | {"namespace", "stream", "version", "eventId", "type", "revision", "occurredAtMicros", "metadata",
                "payload", "payloadSalt", "payloadHash"}

def must(holds, what):
    if not holds: raise ValueError(what)
def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()
def number(value, size=8): return value.to_bytes(size, "big", signed=True)
def text(value): return number(len(value.encode()), 4) + value.encode()
def raw(value, parse=bytes.fromhex, show=bytes.hex):
    must(show(parse(value)) == value, "hexadecimal digits are lower-case")
    return parse(value)
def raw_id(value): return raw(value, uuid.UUID, str).bytes

def verify(lines):
    start, whole, erased = json.loads(next(lines)), 0, {}
    position, previous = start["from"] - 1, raw(start["previousHash"])
    must(position or previous == sha256(raw_id(start["logId"])), "the chain does not begin with the log's id")
    for position, line in enumerate(lines, start["from"]):
        event, where = json.loads(line), f" at position {position}"
        must(event["position"] == position and line.endswith("}\n"), "an event is missing or cut" + where)
        must(event.keys() in (EVENT, LINK), "an event has other members" + where)
        if "payloadHash" in event:
            stream, salt, payload_hash = event["namespace"] + "/" + event["stream"], event["payloadSalt"], raw(event["payloadHash"])
            if event["type"] == "ExecutionErased": erased.pop(stream, None)
            if event["payload"] is None and salt is None: erased.setdefault(stream, position)
            else: must(len(salt) == 32 and sha256(raw(salt), event["payload"].encode()) == payload_hash, "the payload was altered" + where)
            must(raw(event["digest"]) == sha256(
                text(event["namespace"]), text(event["stream"]), number(event["version"]), raw_id(event["eventId"]),
                text(event["type"]), number(event["revision"], 4), number(event["occurredAtMicros"]),
                sha256(event["metadata"].encode()), payload_hash), "the event was altered" + where)
            whole += 1
        previous = sha256(previous, number(position), number(event["recordedAtMicros"]), raw(event["digest"]))
        must(previous.hex() == event["hash"], "the event does not follow from the one before" + where)
    must(not erased, f"a payload is gone, and no later event here erases it: position {min(erased.values(), default=0)}")
    return f"ok: {position + 1 - start['from']} events, {whole} of them whole; receipt {position}:{previous.hex()}"

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
        try: print(verify(file))
        except Exception as fault: sys.exit(f"not ok: {fault!r}")
