namespace IotPlatform.Engine.Tests;

[CollectionDefinition(Name)]
public sealed class TimerCollection : ICollectionFixture<EngineFixture>
{
    public const string Name = "engine-timers";
}
