"""What stands and is billed by the hour: machines, disks, networks, containers, databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from app.demo.spend.charges import COVERED, RESERVED, Charge
from app.demo.spend.days import Days
from app.demo.spend.lines import EC2, EC2_OTHER, ECS, ELB, RDS, VPC, line
from app.demo.world.network import FLOOD, GB_A_DAY, GB_AT_LEAST
from app.demo.world.noise import Floats
from app.demo.world.platform import Container, Database, Deployment, Machine

SECOND_SEARCH, REPLICA = date(2026, 3, 18), date(2026, 7, 8)
"""When the second search machine and the read replica were added: the bill went up for good."""

SAVINGS_PLAN = 0.78
"""What is left of the on-demand price of Fargate under the savings plan."""

RESERVATION = 0.66
"""The same for reserved databases."""


def charges(deployment: Deployment) -> Iterator[Charge]:
    """All charges of a deployment by the hour or the gigabyte."""
    for machine in deployment.machines:
        yield from _machine(deployment, machine)
    for container in deployment.containers:
        yield from _container(deployment, container)
    for database in deployment.databases:
        yield from _database(deployment, database)
    for balancer in deployment.balancers:
        yield from _balancer(deployment, balancer.rate, balancer.name)
    if deployment.balancers:
        yield from _network(deployment)
        yield line(
            deployment, EC2_OTHER, "EBS:VolumeUsage.gp2", "GB-Mo",
            lambda days: days.monthly(200.0), operation="CreateVolume-Gp2", tagged=False,
        )  # fmt: skip


def _machine(deployment: Deployment, machine: Machine) -> Iterator[Charge]:
    hours = _hours(1.0)
    if machine.name == "search-2":
        hours = lambda days: days.since(SECOND_SEARCH, days.level(24.0))  # noqa: E731 - as _hours is
    key = f"BoxUsage:{machine.type}"
    yield line(deployment, EC2, key, "Hrs", hours, operation="RunInstances", resource=machine.name)
    yield line(
        deployment, EC2_OTHER, "EBS:VolumeUsage.gp3", "GB-Mo",
        lambda days: days.monthly(100.0), operation="CreateVolume-Gp3", resource=machine.name,
    )  # fmt: skip


def _container(deployment: Deployment, container: Container) -> Iterator[Charge]:
    planned = container.desired
    covered = deployment.account.environment == "production"

    def tasks(days: Days) -> Floats:
        """Deployments start new tasks before they end old ones."""
        running: Floats = planned * (24.0 + 0.8 * days.uniform(f"{container.name}/tasks"))
        return running

    for key, each, unit in (
        ("Fargate-vCPU-Hours:perCPU", container.cpu / 1024.0, "hours"),
        ("Fargate-GB-Hours", container.memory / 1024.0, "hours"),
    ):
        made = line(
            deployment, ECS, key, unit, _times(tasks, each),
            operation="FargateTask", resource=f"blog-{container.name}",
        )  # fmt: skip
        yield _covered(made) if covered else made


def _covered(charge: Charge) -> Charge:
    """Usage that the savings plan pays for."""
    return Charge(
        charge.place, charge.service, charge.usage_type, charge.operation, charge.unit,
        charge.price, charge.quantity, COVERED, charge.tags, charge.resource,
        amortized=lambda days: charge.quantity(days) * charge.price * SAVINGS_PLAN,
    )  # fmt: skip


def _database(deployment: Deployment, database: Database) -> Iterator[Charge]:
    multi = "Multi-AZUsage" if database.multi_az else "InstanceUsage"
    started = REPLICA if database.replica_of else date(2020, 1, 1)

    def hours(days: Days) -> Floats:
        return days.since(started, days.level(24.0))

    made = line(
        deployment, RDS, f"{multi}:{database.size}", "Hrs", hours,
        operation="CreateDBInstance:0014", resource=database.name,
    )  # fmt: skip
    yield reserved(made) if database.multi_az else made
    storage = "RDS:Multi-AZ-GP3-Storage" if database.multi_az else "RDS:GP3-Storage"
    size = float(database.allocated_gib)
    yield line(
        deployment, RDS, storage, "GB-Mo",
        lambda days: days.since(started, days.monthly(size)),
        operation="CreateDBInstance:0014", resource=database.name,
    )  # fmt: skip
    yield line(
        deployment, RDS, "RDS:ChargedBackupUsage", "GB-Mo",
        lambda days: days.since(started, days.monthly(size * 0.4)),
        operation="CreateDBInstance:0014", resource=database.name,
    )  # fmt: skip


def reserved(charge: Charge) -> Charge:
    """Hours that a reservation pays for: nothing by the hour, its fee once a month."""
    return Charge(
        charge.place, charge.service, charge.usage_type, charge.operation, charge.unit,
        0.0, charge.quantity, RESERVED, charge.tags, charge.resource,
        amortized=lambda days: charge.quantity(days) * charge.price * RESERVATION,
    )  # fmt: skip


def _balancer(deployment: Deployment, rate: float, name: str) -> Iterator[Charge]:
    yield line(
        deployment, ELB, "LoadBalancerUsage", "Hrs", _hours(1.0),
        operation="LoadBalancing:Application", resource=name,
    )  # fmt: skip
    # One LCU is 25 new connections a second; a request here is a connection.
    yield line(
        deployment, ELB, "LCUUsage", "LCU-Hrs",
        lambda days: rate * days.busy / 1440.0 * 24.0 / (25.0 * 60.0) + 2.4,
        operation="LoadBalancing:Application", resource=name,
    )  # fmt: skip


def _network(deployment: Deployment) -> Iterator[Charge]:
    """The NAT gateway, transfer and addresses, which carry no tags."""

    def through_nat(days: Days) -> Floats:
        usual = GB_A_DAY * days.busy / 1440.0 + GB_AT_LEAST
        flood = 1.0 + (FLOOD - 1.0) * days.spikes("nat")
        gigabytes: Floats = usual * flood * (1.0 + 0.05 * days.normal("nat"))
        return gigabytes

    def told(service: str, key: str, unit: str, quantity: Callable[[Days], Floats]) -> Charge:
        operation = "NatGateway" if key.startswith("Nat") else "PublicIP-Out"
        return line(deployment, service, key, unit, quantity, operation=operation, tagged=False)

    yield told(EC2_OTHER, "NatGateway-Hours", "Hrs", _hours(len(deployment.nats)))
    yield told(EC2_OTHER, "NatGateway-Bytes", "GB", through_nat)
    yield told(EC2_OTHER, "DataTransfer-Out-Bytes", "GB", lambda days: 14.0 * days.busy / 1440.0)
    yield told(
        EC2_OTHER, "DataTransfer-Regional-Bytes", "GB", lambda days: 22.0 * days.busy / 1440.0
    )
    yield told(VPC, "PublicIPv4:InUseAddress", "Hrs", _hours(3.0))


def _hours(number: float) -> Callable[[Days], Floats]:
    return lambda days: days.level(24.0 * number)


def _times(quantity: Callable[[Days], Floats], factor: float) -> Callable[[Days], Floats]:
    return lambda days: quantity(days) * factor
