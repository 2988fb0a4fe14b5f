namespace IotPlatform.Embedded;

/// <summary>
/// One call's method and arguments. A struct by arity, so that a call that runs at once allocates nothing for them.
/// </summary>
internal interface ICallBody
{
    Task Invoke(object target);

    /// <summary>Puts another token in the place of the caller's.</summary>
    void SetToken(CancellationToken token);
}
