namespace IotPlatform.Api.Rest;

/// <summary>What a route reads from the request's body.</summary>
internal enum RestBody
{
    /// <summary>Nothing; the fields that the path does not name are query parameters.</summary>
    None,

    /// <summary>The request message as JSON, with no query parameters; an empty body is the message without fields.</summary>
    Message,
}
