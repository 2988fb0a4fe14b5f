namespace IotPlatform.E2e.Tests.Broadcasts;

/// <summary>Takes all the processors there are: nothing that measures time runs beside it.</summary>
[CollectionDefinition(nameof(LargeFleetCollection), DisableParallelization = true)]
public sealed class LargeFleetCollection;
