namespace IotPlatform.Engine.Tests;

/// <summary>Starts the engine that this build was made for.</summary>
public static class EngineHosts
{
    public static Task<IEngineHost> StartAsync(EngineHostOptions options) => EngineUnderTest.StartAsync(options);
}
