namespace IotPlatform.Hosting;

/// <summary>What a new installation begins with. Section <c>Bootstrap</c>.</summary>
public sealed class BootstrapOptions
{
    /// <summary>The first API key, at least 16 characters. Null: one is made at the first start, printed once, and kept in the data folder.</summary>
    public string? AdminKey { get; set; }
}
