namespace IotPlatform.Engine.Tests;

/// <summary>An engine that collects what has been idle for two seconds.</summary>
public sealed class IdleEngineFixture : EngineFixture
{
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    protected override EngineHostOptions Options => new()
    {
        CollectionAge = Age,
        CollectionQuantum = TimeSpan.FromMilliseconds(250),
    };
}
