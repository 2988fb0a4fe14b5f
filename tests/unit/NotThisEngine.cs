namespace IotPlatform.Unit.Tests;

/// <summary>Says why there is nothing here.</summary>
public sealed class NotThisEngine
{
    [SkippableFact]
    public void UnitTests_OnOrleans_AreNone() =>
        Skip.If(true, "Unit tests run grains on the embedded engine: dotnet test tests/unit. On Orleans: tests/engine, tests/cluster and tests/e2e.");
}
