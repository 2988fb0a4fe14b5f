"""Connects as one device with paho. Usage: paho_client.py SCENARIO VERSION MQTT_URL REST KEY PRODUCT DEVICE SECRET [CA_FILE]"""
import base64
import json
import queue
import sys
import time
import urllib.parse
import urllib.request

import paho.mqtt.client as mqtt
from paho.mqtt.subscribeoptions import SubscribeOptions

scenario, version, url, rest, key, product, device, secret, *ca_file = sys.argv[1:]
server = urllib.parse.urlsplit(url)
PATIENCE_SECONDS = 20
events = queue.Queue()
retain_flags = []


def new_client(password=secret):
    arguments = dict(client_id=device, protocol=int(version), transport="websockets" if server.scheme.startswith("ws") else "tcp")
    if hasattr(mqtt, "CallbackAPIVersion"):
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, **arguments)
    else:
        client = mqtt.Client(**arguments)
    client.username_pw_set(f"{device}&{product}", password)
    if ca_file:
        client.tls_set(ca_certs=ca_file[0])
    # The last argument, the properties, is there in 5.0 only.
    client.on_connect = lambda c, u, flags, code, *rest: events.put(("connect", getattr(code, "value", code)))
    client.on_subscribe = lambda c, u, mid, *rest: events.put(("subscribe", mid))
    client.on_message = lambda c, u, message: (
        retain_flags.append(message.retain), events.put(("message", (message.topic, message.qos, message.payload.decode()))))
    client.connect(server.hostname, server.port)
    client.loop_start()
    return client


def wait_for(kind):
    name, value = events.get(timeout=PATIENCE_SECONDS)
    assert name == kind, (name, value)
    return value


def connect():
    client = new_client()
    assert wait_for("connect") == 0
    return client


def call(method, path, body=None):
    request = urllib.request.Request(
        rest + path, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def text(value):
    return base64.b64encode(value.encode()).decode()


def publish():
    client = connect()
    topic = f"/{product}/{device}/echo"
    client.subscribe(topic, qos=2)
    wait_for("subscribe")
    for qos in (0, 1, 2):
        client.publish(topic, f"at {qos}", qos=qos).wait_for_publish()
        assert wait_for("message") == (topic, qos, f"at {qos}")


def broadcast():
    connect()
    answer = call("POST", f"/v1/products/{product}/broadcasts", {"messageContent": text("to all"), "qos": 1})
    assert answer["written"] == "1", answer
    assert wait_for("message") == (f"/sys/{product}/{device}/broadcast/request/{answer['messageId']}", 1, "to all")


def offline():
    messages = f"/v1/products/{product}/devices/{device}/messages"
    sent = [call("POST", messages, {"payload": text(str(number))}) for number in range(50)]
    assert all(message["status"] == "PENDING" for message in sent)
    connect()
    for number in range(50):
        topic, _, payload = wait_for("message")
        assert (topic, payload) == (sent[number]["topic"], str(number))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while call("GET", f"{messages}/{sent[-1]['messageId']}")["status"] != "DELIVERED":
        assert time.monotonic() < deadline, "the last message is not delivered"


def subscribe(client, topic, handling):
    if version == "4":
        client.subscribe(topic, qos=1)
    else:
        client.subscribe(topic, options=SubscribeOptions(qos=1, retainHandling=handling))
    wait_for("subscribe")


def retained_is(client, topic, is_sent):
    """What is published now comes behind what is retained: that is there, or is not."""
    if is_sent:
        assert wait_for("message") == (topic, 1, "kept")
        assert retain_flags.pop()
    client.publish(topic, "passing", qos=1).wait_for_publish()
    assert wait_for("message") == (topic, 1, "passing")
    assert not retain_flags.pop()


def retained():
    client = connect()
    topic = f"/{product}/{device}/state"
    client.publish(topic, "kept", qos=1, retain=True).wait_for_publish()
    send, send_if_new, do_not_send = 0, 1, 2
    is_five = version == "5"
    subscribe(client, topic, do_not_send)
    retained_is(client, topic, is_sent=not is_five)
    subscribe(client, topic, send_if_new)
    retained_is(client, topic, is_sent=not is_five)
    subscribe(client, topic, send)
    retained_is(client, topic, is_sent=True)
    client.unsubscribe(topic)
    subscribe(client, topic, send_if_new)
    retained_is(client, topic, is_sent=True)
    client.publish(topic, "", qos=1, retain=True).wait_for_publish()
    assert wait_for("message") == (topic, 1, "")
    assert not retain_flags.pop()
    subscribe(client, topic, send)
    retained_is(client, topic, is_sent=False)


def refused():
    new_client(password="wrong")
    assert wait_for("connect") == (5 if version == "4" else 0x87)


globals()[scenario]()
print("passed")
