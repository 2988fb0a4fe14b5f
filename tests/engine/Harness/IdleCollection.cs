namespace IotPlatform.Engine.Tests;

[CollectionDefinition(Name)]
public sealed class IdleCollection : ICollectionFixture<IdleEngineFixture>
{
    public const string Name = "engine-idle";
}
