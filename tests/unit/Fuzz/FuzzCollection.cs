namespace IotPlatform.Unit.Tests.Fuzz;

/// <summary>Alone in the process: what is left on the heap, and what nobody looked at, is its own.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FuzzCollection
{
    public const string Name = "Fuzz";
}
