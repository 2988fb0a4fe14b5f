namespace IotPlatform.Engine.Tests;

/// <summary>An engine that collects what has been idle for two seconds.</summary>
public sealed class IdleEngineFixture : EngineFixture
{
    protected override EngineHostOptions Options => new()
    {
        CollectionAge = TimeSpan.FromSeconds(2),
        CollectionQuantum = TimeSpan.FromMilliseconds(250),
    };
}
