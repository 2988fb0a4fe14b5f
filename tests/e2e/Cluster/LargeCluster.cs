namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Three silos, so that two are left to agree on the loss of one, and two gateways.</summary>
public sealed class LargeCluster() : ClusterFixture(silos: 3, gateways: 2);
