namespace IotPlatform.Sessions;

/// <summary>A text for people, and the property that it is sent as.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Property"><c>1F, length in two bytes, UTF-8</c>.</param>
internal sealed record ReasonString(string Text, ReadOnlyMemory<byte> Property);
