namespace IotPlatform.Api.Rest;

/// <summary>The limits of the REST API.</summary>
internal sealed record RestOptions
{
    /// <summary>The largest request body in bytes. 1 MiB: the largest message to a device is 350 KB as base64.</summary>
    public int RequestBodyBytesMax { get; init; } = 1024 * 1024;
}
