"""Metrics of ECS services and of the load balancer in front: one story, two namespaces.

Fewer running tasks mean busier tasks, slower answers and an unhealthy target;
the balancer publishes counts only when there is something to count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.demo.world.incidents import Kind
from app.demo.world.naming import Published, prefixed
from app.demo.world.noise import Floats
from app.demo.world.platform import Balancer, Container
from app.demo.world.samples import Samples, between, count, each_one, gauge, skewed
from app.demo.world.sheet import Sheet

ECS, INSIGHTS, ALB = "AWS/ECS", "ECS/ContainerInsights", "AWS/ApplicationELB"


def requests(sheet: Sheet, balancer: Balancer) -> Floats:
    """Requests that reached the balancer."""
    rate = balancer.rate * sheet.demand
    return sheet.once(("alb", balancer.name), lambda: sheet.count(balancer.name, rate))


def failures(sheet: Sheet, balancer: Balancer) -> Floats:
    """Requests that the targets answered with 5xx."""
    return _errors(sheet, balancer, requests(sheet, balancer))["target"]


def running(sheet: Sheet, container: Container) -> Floats:
    """Tasks that run; trouble leaves at least one short, or none of a single one."""
    wanted = sheet.level(float(container.desired))
    if container.name != "web":
        return wanted
    lost = np.ceil(container.desired * 0.6)
    return np.where(sheet.strength(Kind.TASKS) >= 0.5, wanted - lost, wanted)


def busy(sheet: Sheet, container: Container) -> Floats:
    """Average percent of the processor over the running tasks."""
    load = sheet.demand / sheet.deployment.scale
    for balancer in sheet.deployment.balancers:
        if balancer.service == container.name:
            load = requests(sheet, balancer) / (balancer.rate * sheet.deployment.scale)
    share = container.desired / np.maximum(running(sheet, container), 0.5)
    percent = container.busy * load * share + 1.5 * sheet.normal(f"{container.name}/cpu")
    return np.clip(percent, 0.4, 99.5)


def container_metrics(sheet: Sheet, container: Container) -> Published:
    """Everything one service publishes, with Container Insights switched on."""
    under = {"ClusterName": container.cluster, "ServiceName": container.name}
    return prefixed(ECS, under, _utilisation(sheet, container)) | prefixed(
        INSIGHTS, under, _insights(sheet, container)
    )


def cluster_metrics(sheet: Sheet, cluster: str) -> Published:
    """The sums and averages of a cluster."""
    members = [c for c in sheet.deployment.containers if c.cluster == cluster]
    m, tasks = sheet.minutes, [running(sheet, c) for c in members]
    total = sum(tasks, sheet.level(0.0))
    each = [busy(sheet, c) * t for c, t in zip(members, tasks, strict=True)]
    percent = sum(each, sheet.level(0.0)) / np.maximum(total, 1.0)
    used = [_memory(sheet, c) * t for c, t in zip(members, tasks, strict=True)]
    memory = sum(used, sheet.level(0.0)) / np.maximum(total, 1.0)
    measured = {
        "CPUUtilization": between(m, total, percent, percent * 0.7, percent * 1.3),
        "MemoryUtilization": between(m, total, memory, memory * 0.9, memory * 1.1),
    }
    counted = _resources(sheet, members) | {
        "TaskCount": gauge(m, total),
        "RunningTaskCount": gauge(m, total),
        "ServiceCount": gauge(m, sheet.level(float(len(members)))),
        "ContainerInstanceCount": gauge(m, sheet.level(0.0)),
    }
    under = {"ClusterName": cluster}
    return prefixed(ECS, under, measured) | prefixed(INSIGHTS, under, counted)


def _resources(sheet: Sheet, members: Sequence[Container]) -> dict[str, Samples]:
    """CPU units and megabytes that tasks have reserved and use."""
    m, nothing = sheet.minutes, sheet.level(0.0)
    cpu = [c.cpu * running(sheet, c) for c in members]
    memory = [c.memory * running(sheet, c) for c in members]
    pairs = zip(members, cpu, memory, strict=True)
    used = [(u * busy(sheet, c) / 100, b * _memory(sheet, c) / 100) for c, u, b in pairs]
    return {
        "CpuUtilized": gauge(m, np.round(sum((u for u, _ in used), nothing), 3)),
        "CpuReserved": gauge(m, sum(cpu, nothing)),
        "MemoryUtilized": gauge(m, np.floor(sum((b for _, b in used), nothing))),
        "MemoryReserved": gauge(m, sum(memory, nothing)),
    }


def _memory(sheet: Sheet, container: Container) -> Floats:
    level = 46.0 + 6.0 * sheet.smooth(f"{container.name}/memory", 400)
    return np.clip(level + busy(sheet, container) * 0.08, 5.0, 97.0)


def _utilisation(sheet: Sheet, container: Container) -> dict[str, Samples]:
    m, tasks = sheet.minutes, running(sheet, container)
    percent, memory = busy(sheet, container), _memory(sheet, container)
    high = np.minimum(percent * 1.25, 100.0)
    return {
        "CPUUtilization": between(m, tasks, percent, percent * 0.8, high),
        "MemoryUtilization": between(m, tasks, memory, memory * 0.97, memory * 1.03),
    }


def _insights(sheet: Sheet, container: Container) -> dict[str, Samples]:
    m, tasks = sheet.minutes, running(sheet, container)
    short = container.desired - tasks
    starting = short * (sheet.uniform(f"{container.name}/starting") < 0.5)
    traffic = 90_000.0 * sheet.demand * (0.9 + 0.2 * sheet.uniform(f"{container.name}/bytes"))
    return _resources(sheet, [container]) | {
        "RunningTaskCount": gauge(m, tasks),
        "DesiredTaskCount": gauge(m, sheet.level(float(container.desired))),
        "PendingTaskCount": gauge(m, starting),
        "DeploymentCount": gauge(m, sheet.level(1.0)),
        "EphemeralStorageUtilized": gauge(m, 1.9 + 0.3 * sheet.smooth(container.name, 900)),
        "NetworkRxBytes": gauge(m, np.floor(traffic)),
        "NetworkTxBytes": gauge(m, np.floor(traffic * 4.4)),
    }


def balancer_metrics(sheet: Sheet, balancer: Balancer) -> Published:
    """Everything one load balancer publishes: itself, its target group, its zones."""
    whole = {"LoadBalancer": balancer.suffix}
    group = {**whole, "TargetGroup": balancer.group_suffix}
    arrived = requests(sheet, balancer)
    errors = _errors(sheet, balancer, arrived)
    published = prefixed(ALB, whole, _front(sheet, balancer, arrived, errors))
    published |= prefixed(ALB, whole, _answers(sheet, balancer, arrived, errors))
    published |= prefixed(ALB, group, _answers(sheet, balancer, arrived, errors))
    published |= prefixed(ALB, group, _hosts(sheet, balancer, arrived))
    return published


def _errors(sheet: Sheet, balancer: Balancer, arrived: Floats) -> dict[str, Floats]:
    trouble = sheet.strength(Kind.BALANCER)
    own = 0.0003 + 0.06 * trouble + 0.03 * sheet.strength(Kind.TASKS)
    from_balancer = sheet.thin(f"{balancer.name}/own", arrived, own)
    passed = arrived - from_balancer
    from_target = sheet.thin(f"{balancer.name}/target", passed, 0.0008 + 0.21 * trouble)
    refused = sheet.thin(f"{balancer.name}/refused", passed - from_target, 0.014)
    return {"own": from_balancer, "target": from_target, "refused": refused}


def _front(
    sheet: Sheet, balancer: Balancer, arrived: Floats, errors: dict[str, Floats]
) -> dict[str, Samples]:
    m, own = sheet.minutes, errors["own"]
    bad_gateway, timed_out = np.floor(own * 0.7), np.floor(own * 0.1)
    totals = {
        "HTTPCode_ELB_5XX_Count": own,
        "HTTPCode_ELB_502_Count": bad_gateway,
        "HTTPCode_ELB_503_Count": own - bad_gateway - timed_out,
        "HTTPCode_ELB_504_Count": timed_out,
        "HTTPCode_ELB_4XX_Count": sheet.thin(f"{balancer.name}/malformed", arrived, 0.002),
        "NewConnectionCount": np.floor(arrived * 0.31),
        "ActiveConnectionCount": np.floor(arrived * 0.55),
        "ProcessedBytes": np.floor(arrived * 18_400.0),
        "ClientTLSNegotiationErrorCount": sheet.thin(f"{balancer.name}/tls", arrived, 0.0004),
    }
    measured = {n: count(m, t, absent_when_zero=True) for n, t in totals.items()}
    units = np.round(arrived / 1500.0 + 0.02, 4)
    return measured | {"ConsumedLCUs": gauge(m, units)}


def _answers(
    sheet: Sheet, balancer: Balancer, arrived: Floats, errors: dict[str, Floats]
) -> dict[str, Samples]:
    m = sheet.minutes
    answered = arrived - errors["own"]
    good = answered - errors["target"] - errors["refused"]
    container = sheet.deployment.container(balancer.service)
    slow = 1.0 + np.maximum(busy(sheet, container) - 55.0, 0.0) / 18.0
    slow = slow + 9.0 * sheet.strength(Kind.BALANCER)
    middle = 0.058 * slow * (1.0 + 0.1 * sheet.smooth(f"{balancer.name}/time", 35))
    wobble = sheet.normal(f"{balancer.name}/time")
    totals = {
        "HTTPCode_Target_2XX_Count": good,
        "HTTPCode_Target_4XX_Count": errors["refused"],
        "HTTPCode_Target_5XX_Count": errors["target"],
        "TargetConnectionErrorCount": np.floor(errors["own"] * 0.5 * sheet.strength(Kind.BALANCER)),
    }
    measured = {n: count(m, t, absent_when_zero=True) for n, t in totals.items()}
    measured["RequestCount"] = each_one(m, arrived)
    measured["TargetResponseTime"] = skewed(m, answered, middle, 0.55, wobble)
    return measured


def _hosts(sheet: Sheet, balancer: Balancer, arrived: Floats) -> dict[str, Samples]:
    m = sheet.minutes
    container = sheet.deployment.container(balancer.service)
    tasks = running(sheet, container)
    sick = unhealthy(sheet, container)
    per_target = np.floor(arrived / np.maximum(tasks, 1.0))
    return {
        "HealthyHostCount": gauge(m, np.maximum(tasks - sick, 0.0)),
        "UnHealthyHostCount": gauge(m, sick + container.desired - tasks),
        "AnomalousHostCount": gauge(m, sheet.level(0.0)),
        "RequestCountPerTarget": count(m, per_target, absent_when_zero=True),
    }


def unhealthy(sheet: Sheet, container: Container) -> Floats:
    """Running tasks that fail the health check of the target group."""
    some = np.minimum(np.ceil(container.desired / 3.0), running(sheet, container))
    return np.where(sheet.strength(Kind.BALANCER) >= 0.9, some, 0.0)
