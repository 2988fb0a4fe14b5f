namespace IotPlatform.Engine.Tests;

/// <summary>Cannot be made.</summary>
public sealed class BrokenGrain : Grain, IBrokenGrain
{
    public BrokenGrain() => throw new InvalidOperationException("This grain cannot be made.");

    public Task PassAsync() => Task.CompletedTask;
}
