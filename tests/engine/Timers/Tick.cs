namespace IotPlatform.Engine.Tests;

/// <summary>What a tick does besides making its entry.</summary>
[GenerateSerializer]
public enum Tick
{
    Count,

    /// <summary>Waits at the gate "tick".</summary>
    Hold,

    Throw,

    /// <summary>Changes its own timer to one more tick.</summary>
    ChangeToOneMore,

    /// <summary>Disposes its own timer.</summary>
    Dispose,
}
