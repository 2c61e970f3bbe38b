#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random VPA cases: cases.py SEED COUNT. Branches that recorded vectors reach seldom come
often: deleted and relabelled pods, collections, Pod LimitRanges, more than twelve pods."""
import json
import random
import sys

R = random.Random(int(sys.argv[1]))
NAMES = ["c1", "c2", "c3"]


def cpu():
    return int(10 ** R.uniform(0, 3.5))


def memory():
    return int(10 ** R.uniform(7, 9.7))


def some(p, **lists):
    return {k: f() for k, f in lists.items() if R.random() < p}


def resources(p=0.85):
    return some(p, cpu=cpu, memory=memory)


def policies():
    out = []
    for name in R.sample(["*", "c1", "c2", "c3"], R.randint(0, 3)):
        p = {"container": name}
        if R.random() < 0.2:
            p["mode"] = R.choice(["Auto", "Off"])
        if R.random() < 0.5:
            p["min"] = resources()
        if R.random() < 0.5:
            p["max"] = resources()
        if R.random() < 0.25:
            p["controlled_resources"] = R.choice([["cpu"], ["memory"], ["cpu", "memory"], []])
        if R.random() < 0.3:
            p["controlled_values"] = R.choice(["RequestsOnly", "RequestsAndLimits"])
        out.append(p)
    return out


def config():
    choices = {
        "margin": lambda: R.random(),
        "pod_min_cpu": lambda: R.randint(1, 80),
        "pod_min_memory_mb": lambda: R.randint(5, 300),
        "target_cpu_pct": lambda: round(R.uniform(0.5, 1), 2),
        "upper_mem_pct": lambda: round(R.uniform(0.1, 1), 2),
        "confidence_cpu_s": lambda: R.choice([3600, 86400]),
        "cpu_half_life_s": lambda: R.choice([3600, 43200, 86400, 100]),
        "mem_half_life_s": lambda: R.choice([3600, 86400]),
        "mem_interval_s": lambda: R.choice([3600, 7200, 86400]),
        "oom_ratio": lambda: R.uniform(1, 2),
        "round_cpu_m": lambda: R.choice([1, 5, 10, 100]),
        "round_memory_bytes": lambda: R.choice([1, 1024, 1048576, 67108864]),
    }
    return some(0.25, **choices)


def recommend(case):
    t = R.choice([1700000000, 1709190000, 1735700000, 1767240000.5])
    pods, events = {}, []
    level = {n: (cpu(), memory()) for n in NAMES}

    def add(kind, **more):
        events.append({"t": t, "type": kind, **more})

    def pod(name):
        names = R.sample(NAMES, R.randint(1, 3))
        more = {"labels": R.choice(["v1", "v2"])} if R.random() < 0.4 else {}
        if name in pods and R.random() < 0.5:
            names = pods[name]
        pods[name] = sorted(set(pods.get(name, []) + names))
        add("pod", pod=name, containers={n: {} for n in names}, **more)

    pod("p0")
    for _ in range(R.randint(5, 500)):
        t += R.choice([60, 60, 60, 60, 120, 900, 3600, R.choice([60, 86400, 400000])])
        x = R.random()
        if x < 0.03:
            pod(R.choice(["p0", "p1", "p2"]))
        elif x < 0.045 and pods:
            name = R.choice(sorted(pods))
            add("delete", pod=name)
            if R.random() < 0.7:
                del pods[name]
        elif x < 0.05:
            add("delete", pod="nobody")
        elif x < 0.07:
            add("gc")
        elif x < 0.08:
            add("restart")
        elif x < 0.09:
            add("policy", policies=policies())
        elif x < 0.13:
            add("recommend")
        else:
            for name in sorted(pods):
                for n in pods[name]:
                    y = R.random()
                    when = t - R.choice([0, 0, 0, 0, 0, 0, 0, 120, 90000])
                    if y < 0.02:
                        events.append({"t": when, "type": "oom", "pod": name, "container": n,
                                       "v": memory()})
                        continue
                    c = int(level[n][0] * R.lognormvariate(0, 0.5))
                    m = int(level[n][1] * R.lognormvariate(0, 0.2))
                    if y < 0.04:
                        c, m = R.choice([0, -1, 2 * 10**6]), R.choice([0, -1, 2 * 10**12])
                    if y < 0.9:
                        add("cpu", pod=name, container=n, v=c)
                    if y > 0.08:
                        add("mem", pod=name, container=n, v=m)
    add("recommend")
    events.sort(key=lambda e: e["t"])
    # The virtual clock does not run backwards; nor does a pod come before it is there.
    case.update(config=config(), policies=policies(), events=events)
    if R.random() < 0.2:
        case["global_max"] = resources()


def recommendation():
    out = []
    for n in R.sample(NAMES + ["gone"], R.randint(0, 4)):
        target, lower, upper = {}, {}, {}
        for k, f in (("cpu", cpu), ("memory", memory)):
            if R.random() < 0.9:
                v = f()
                target[k], lower[k], upper[k] = v, int(v * R.random()), int(v * (1 + R.random()))
        out.append({"name": n, "target": target, "lower": lower, "upper": upper})
    return out


def near(recs, name):
    for r in recs or []:
        if r["name"] == name and R.random() < 0.6:
            return {k: max(0, int(v * R.choice([1, 1, 0.9, 1.08, 1.3]))) for k, v in r["target"].items()}
    return resources()


def pod(case, name, now):
    containers = []
    for n in NAMES[: R.randint(1, 3)]:
        requests = near(case.get("recommendation"), n)
        limits = {k: int(v * R.choice([1, 1.5, 2, 3.3])) for k, v in requests.items() if R.random() < 0.4}
        if R.random() < 0.1:
            limits = resources()
        c = {"name": n, "requests": requests, "limits": limits}
        if R.random() < 0.12:
            c["oom_finished"] = now - R.choice([10, 599, 600, 601, 3000])
            c["oom_started"] = c["oom_finished"] - R.choice([5, 599, 600, 601])
        containers.append(c)
    p = {"name": name, "phase": "Pending" if R.random() < 0.1 else "Running", "containers": containers}
    if R.random() < 0.9:
        p["start"] = now - R.choice([60, 43199, 43200, 43201, 90000])
    if R.random() < 0.15:
        p["resize"] = R.choice(["Deferred", "Infeasible", "InProgress"])
    return p


def pods(case, most):
    case["policies"] = policies()
    if R.random() < 0.95:
        case["recommendation"] = recommendation()
    now = R.choice([1700079330, 1767289699.5])
    same = R.random() < 0.3
    list_ = [pod(case, "p%d" % i, now) for i in range(R.randint(1, most))]
    if same:
        list_ = [dict(list_[0], name="p%d" % i) for i in range(len(list_))]
    case["pods"] = list_
    for key, p in (("limit_range_container", 0.3), ("limit_range_pod", 0.25)):
        if R.random() < p:
            case[key] = {k: resources() for k in ("min", "max", "default") if R.random() < 0.5}
    return now


def updater(case):
    case["update_mode"] = R.choice(["Recreate", "Auto", "Off", "Initial", "InPlaceOrRecreate", "InPlaceOrRecreate"])
    case["now"] = pods(case, R.choice([4, 12, 40, 120]))
    case["configured"] = max(0, len(case["pods"]) + R.choice([0, 0, 0, 1, 3, -1]))
    for key, p, values in (("min_replicas", 0.3, [0, 1, 2, 3]), ("vpa_min_replicas", 0.3, [1, 3, 4]),
                           ("tolerance", 0.4, [0, 0.1, 0.3, 0.6, 1]),
                           ("resize_age", 0.5, [299, 300, 301, 3599, 3600, 3601])):
        if R.random() < p:
            case[key] = R.choice(values)
    if R.random() < 0.3:
        case["eviction_requirements"] = [
            {"resources": R.sample(["cpu", "memory"], R.randint(1, 2)),
             "change": R.choice(["TargetHigherThanRequests", "TargetLowerThanRequests"])}
            for _ in range(R.randint(1, 2))]


for i in range(int(sys.argv[2])):
    one = {"id": i, "kind": R.choice(["recommend", "updater", "admission"])}
    if one["kind"] == "recommend":
        recommend(one)
    elif one["kind"] == "updater":
        updater(one)
    else:
        pods(one, 2)
    print(json.dumps(one))
