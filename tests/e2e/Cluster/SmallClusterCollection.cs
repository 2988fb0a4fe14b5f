namespace IotPlatform.E2e.Tests.Cluster;

/// <summary>Tests that take the parts of one small cluster away, one after the other; nothing else runs beside them.</summary>
[CollectionDefinition(nameof(SmallClusterCollection), DisableParallelization = true)]
public sealed class SmallClusterCollection : ICollectionFixture<SmallCluster>;
