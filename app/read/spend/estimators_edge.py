"""What reaching and watching bills: APIs, networks, names, and CloudWatch and X-Ray."""

from __future__ import annotations

from app.read.spend.estimator import plain

_API = "Amazon API Gateway"
_BALANCING = "Amazon Elastic Load Balancing"
_CLOUDWATCH = "AmazonCloudWatch"

EDGE = (
    plain(
        "api_rest",
        "REST APIs",
        _API,
        {
            "requests": ("requests", "ApiGatewayRequest"),
            "cache_hours": ("hours of 0.5 GB", "ApiGatewayCacheUsage:0.5GB"),
        },
    ),
    plain("api_http", "HTTP APIs", _API, {"requests": ("requests", "ApiGatewayHttpRequest")}),
    plain(
        "api_websocket",
        "WebSocket APIs",
        _API,
        {
            "messages": ("messages", "ApiGatewayMessage"),
            "minutes": ("connection minutes", "ApiGatewayMinute"),
        },
    ),
    plain(
        "nat",
        "NAT gateways",
        "EC2 - Other",
        {"hours": ("hours", "NatGateway-Hours"), "gb": ("GB", "NatGateway-Bytes")},
    ),
    plain(
        "alb",
        "Application Load Balancers",
        _BALANCING,
        {"hours": ("hours", "LoadBalancerUsage"), "lcu_hours": ("LCU-hours", "LCUUsage")},
    ),
    plain(
        "nlb",
        "Network Load Balancers",
        _BALANCING,
        {
            "hours": ("hours", "LoadBalancerUsage:Network"),
            "lcu_hours": ("LCU-hours", "LCUUsage:Network"),
        },
    ),
    plain(
        "public_ipv4",
        "Public IPv4 addresses",
        "Amazon Virtual Private Cloud",
        {
            "used_hours": ("hours", "PublicIPv4:InUseAddress"),
            "idle_hours": ("hours", "PublicIPv4:IdleAddress"),
        },
    ),
    plain(
        "endpoint",
        "VPC endpoints",
        "Amazon Virtual Private Cloud",
        {"hours": ("hours", "VpcEndpoint-Hours"), "gb": ("GB", "VpcEndpoint-Bytes")},
    ),
    plain(
        "transfer",
        "Transfer to the internet and between zones",
        "AWS Data Transfer",
        {
            "out_gb": ("GB", "DataTransfer-Out-Bytes"),
            "zones_gb": ("GB", "DataTransfer-Regional-Bytes"),
        },
    ),
    plain(
        "route53",
        "Route 53",
        "Amazon Route 53",
        {
            "zones": ("zones", "HostedZone"),
            "queries": ("queries", "DNS-Queries"),
            "latency_queries": ("queries", "LBR-Queries"),
            "geo_queries": ("queries", "Geo-Queries"),
            "health_checks": ("checks", "Health-Check-AWS"),
        },
    ),
    plain(
        "cloudfront",
        "CloudFront",
        "Amazon CloudFront",
        {
            "out_gb": ("GB", "DataTransfer-Out-Bytes"),
            "requests": ("HTTPS requests", "Requests-Tier2-HTTPS"),
            "http_requests": ("HTTP requests", "Requests-Tier1"),
            "functions": ("runs", "Executions-CloudFrontFunctions"),
        },
    ),
    plain(
        "codepipeline", "CodePipeline", "AWS CodePipeline", {"pipelines": ("", "activePipeline")}
    ),
    plain(
        "logs",
        "CloudWatch Logs",
        _CLOUDWATCH,
        {
            "ingested_gb": ("GB", "DataProcessing-Bytes"),
            "infrequent_gb": ("GB", "DataProcessingIA-Bytes"),
            "vended_gb": ("GB", "VendedLog-Bytes"),
            "stored_gb": ("GB", "TimedStorage-ByteHrs"),
            "scanned_gb": ("GB", "DataScanned-Bytes"),
            "live_tail_minutes": ("minutes", "Logs-LiveTail"),
        },
    ),
    plain(
        "metrics",
        "CloudWatch metrics, alarms, dashboards and requests",
        _CLOUDWATCH,
        {
            "custom_metrics": ("metrics", "CW:MetricMonitorUsage"),
            "alarms": ("alarms", "CW:AlarmMonitorUsage"),
            "fast_alarms": ("alarms of high resolution", "CW:HighResAlarmMonitorUsage"),
            "composite_alarms": ("alarms", "CW:CompositeAlarmMonitorUsage"),
            "dashboards": ("dashboards", "DashboardsUsageHour"),
            "metric_requests": ("metric requests", "CW:GMD-Metrics"),
            "requests": ("requests", "CW:Requests"),
            "streamed": ("metric updates", "CW:MetricStreamUsage"),
            "canary_runs": ("runs", "CW:Canary-runs"),
        },
    ),
    plain(
        "xray",
        "X-Ray",
        "AWS X-Ray",
        {
            "recorded": ("traces", "XRay-TracesStored"),
            "read": ("traces", "XRay-TracesAccessed"),
        },
    ),
    plain("cost_explorer", "Cost Explorer", "AWS Cost Explorer", {"requests": ("", "APIRequest")}),
)
