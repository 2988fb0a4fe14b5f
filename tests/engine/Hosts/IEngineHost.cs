namespace IotPlatform.Engine.Tests;

/// <summary>One running engine, whichever it is.</summary>
public interface IEngineHost : IAsyncDisposable
{
    /// <summary>Makes references, for callers that are no grains.</summary>
    IGrainFactory Grains { get; }

    /// <summary>The container that grains are made from.</summary>
    IServiceProvider Services { get; }
}
