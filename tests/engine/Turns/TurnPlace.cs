namespace IotPlatform.Engine.Tests;

/// <summary>Where in a grain's method a thread is held.</summary>
[GenerateSerializer]
public enum TurnPlace
{
    AfterAwait,
    AfterConfigureAwaitFalse,
    InTaskRun,
}
