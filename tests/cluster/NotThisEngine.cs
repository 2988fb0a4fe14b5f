namespace IotPlatform.Cluster.Tests;

/// <summary>Says why there is nothing here.</summary>
public sealed class NotThisEngine
{
    [SkippableFact]
    public void Cluster_OnTheEmbeddedEngine_IsNone() =>
        Skip.If(true, "The embedded engine has no cluster. These tests run with: dotnet test tests/cluster -p:Engine=orleans");
}
