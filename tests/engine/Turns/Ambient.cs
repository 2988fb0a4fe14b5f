namespace IotPlatform.Engine.Tests;

internal static class Ambient
{
    public static readonly AsyncLocal<string?> Local = new();
}
