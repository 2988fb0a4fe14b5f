namespace IotPlatform.Api.Access;

/// <summary>Who makes a call. Set before any handler runs; never null.</summary>
/// <param name="Name">The name of the key that was shown, never the key itself.</param>
internal sealed record Caller(string Name)
{
    /// <summary>The caller of what is open to everybody.</summary>
    public static readonly Caller Anonymous = new("anonymous");
}
