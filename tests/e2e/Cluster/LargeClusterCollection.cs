namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Bad days on one cluster, one after the other; nothing else runs beside them.</summary>
[CollectionDefinition(nameof(LargeClusterCollection), DisableParallelization = true)]
public sealed class LargeClusterCollection : ICollectionFixture<LargeCluster>;
