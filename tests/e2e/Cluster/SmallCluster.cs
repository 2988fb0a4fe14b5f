namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Two silos, of which one alone has to see that the other is gone, and two gateways.</summary>
public sealed class SmallCluster() : ClusterFixture(silos: 2, gateways: 2);
