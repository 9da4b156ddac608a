"""Starts a task of Waymark, follows it, answers what it asks, and prints its result. Standard library only.

    waymark serve
    python3 examples/python/start_follow_answer.py onboarding acme examples/inputs/onboarding.json
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("WAYMARK_URL", "http://127.0.0.1:8787")
KEY = os.environ.get("WAYMARK_KEY")


def ask(path, body=None, headers=None, timeout=60):
    """One request; a refusal ends the program with what happened and what to do."""
    request = urllib.request.Request(f"{URL}/v1{path}", headers=headers or {})
    if KEY:
        request.add_header("Authorization", f"Bearer {KEY}")
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        return urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['title']}: {problem['detail']} {problem['advice']}")


def events(task):
    """The task's events, one by one; where the connection breaks, it goes on from the last one."""
    last = "0"
    while True:
        try:
            with ask(f"/tasks/{task}/events", headers={"Last-Event-ID": last}) as stream:
                if stream.status == 204:
                    return
                for line in stream:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    if field == "id":
                        last = value
                    elif field == "data":
                        event = json.loads(value)
                        yield event
                        if event["type"] == "ended":
                            return
        except (OSError, http.client.HTTPException):
            time.sleep(2)


def choose(question):
    """The first choice, or a plain word: a real program would ask somebody."""
    return question.get("choices", ["none"])[0]


def main(agent, key, file):
    with open(file, encoding="utf-8") as text:
        start = {"agent": agent, "key": key, "input": json.load(text)}
    task = json.load(ask("/tasks", start))["taskId"]
    print(f"started {task}")
    answered = set()
    for event in events(task):
        if event["type"] == "action-inferred" and event["text"]:
            print(f"agent: {event['text']}")
        if event["type"] != "status" or event["status"]["kind"] != "waiting":
            continue
        for question in event["status"].get("questions", []):
            if question["id"] in answered:
                continue
            answer = choose(question)
            print(f"{question['text']} -> {answer}")
            # The same key counts once, so a repeated request does no harm.
            ask(f"/tasks/{task}/questions/{question['id']}/answer", {"answer": answer}, {"Idempotency-Key": f"{key}-{question['id']}"})
            answered.add(question["id"])
    print(json.dumps(json.load(ask(f"/tasks/{task}/result?wait=30")), indent=2))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4])
    except urllib.error.URLError as error:
        sys.exit(f"Nothing answers at {URL} ({error.reason}). Start it with `waymark serve`, or set WAYMARK_URL.")
