using System.Diagnostics.CodeAnalysis;

namespace IotPlatform.Grpc;

/// <summary>What the caller sent beside its messages. Names are lower case and have no case; reserved names are not in it.</summary>
internal interface IReadOnlyMetadata
{
    /// <summary>The value of a text entry; several of one name are joined by commas.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out string? value);

    /// <summary>The first value of a binary entry (<paramref name="name"/> ends in <c>-bin</c>); false when absent or not base64.</summary>
    bool TryGetBytes(string name, [NotNullWhen(true)] out byte[]? value);

    /// <summary>Every value of a binary entry, in order; those that are not base64 are left out.</summary>
    IReadOnlyList<byte[]> GetAllBytes(string name);
}
